/*
 * The figures of a server, as they are at one time: read from the memory in which its
 * generations count, so that none of them has to respond. Texts are those of clients
 * and of processes that may be broken: they are made printable where they are printed.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CLI_FIGURES_H
#define PRONG_CLI_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <prong/handler.h>

struct inquiry_memory;

/* Of durations; in microseconds. */
struct figures_latency {
	uint64_t count, p50, p90, p99, max;
};

struct figures_generation {
	unsigned long long number;
	long pid;
	char phase[16];
	bool is_known; /* its memory is that of this release */
	uint64_t connections;
};

struct figures_connection {
	unsigned long long generation;
	struct prong_connection_stats stats;
};

struct figures {
	bool is_known;	 /* there are counts */
	int64_t time_ms; /* of clock_ms */
	struct prong_server_stats server;
	uint64_t connections; /* of all generations */
	struct figures_generation *generations;
	size_t generation_count;
	struct prong_handler_stats *handlers;
	size_t handler_count;
	struct figures_connection *connections_shown;
	size_t connection_count;
};

/* Reads all that the memory has. The caller frees it by figures_free. */
void figures_read(struct figures *figures, const struct inquiry_memory *memory);
void figures_free(struct figures *figures);

/* Of a handler; and of all together. */
struct figures_latency figures_latency_of(const struct prong_handler_stats *h);
struct figures_latency figures_latency(const struct figures *figures);

/* The names of refusals, in the order of the statistics. */
const char *figures_refusal(size_t index);

/* Requests that a handler has responded to. */
uint64_t figures_requests(const struct prong_handler_stats *h);

/* More a second between two times; -1: unknown. */
double figures_rate(const struct figures *before, const struct figures *now,
    uint64_t count_before, uint64_t count_now);

/* The orders of connections. */
enum figures_order {
	FIGURES_BUSY, /* that handle requests come first, the longest before */
	FIGURES_AGE,
	FIGURES_REQUESTS,
	FIGURES_SENT,
	FIGURES_CLIENT,
	FIGURES_ORDERS
};
const char *figures_order_name(enum figures_order order);
void figures_sort(struct figures *figures, enum figures_order order);

#endif
