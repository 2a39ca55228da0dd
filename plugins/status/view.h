/*
 * What the page shows, gathered once for a response. A number that the server does
 * not know is VIEW_UNKNOWN, a text ""; a list is empty.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_VIEW_H
#define STATUS_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <prong/handler.h>

#define VIEW_UNKNOWN   (-1)
#define VIEW_SAMPLES   60
#define VIEW_INTERVAL  5 /* seconds of a sample */
#define VIEW_COUNTS    16
#define VIEW_PROCESSES 100
#define VIEW_HANDLERS  64

struct counts;
struct options;
struct order;

/* Of an interval: requests and errors a second, durations in seconds. */
struct view_sample {
	double requests, errors_4xx, errors_5xx;
	double connections; /* at its end */
	double p50, p99;
};

/* The occurrences of something, such as "404". */
struct view_count {
	const char *name;
	uint64_t count;
};

struct view_latency {
	uint64_t count; /* 0: the rest is unknown */
	double p50, p90, p99, p999, max;
};

/* A generation, a worker or a member of a pool. */
struct view_process {
	char name[48]; /* "generation 3", "worker" */
	char state[16];
	uint64_t pid;
	int64_t age;
	int64_t connections, requests; /* may be VIEW_UNKNOWN */
};

struct view_handler {
	char name[32];
	int64_t requests, crashes, limits, refusals; /* by the sandbox */
	double p99;
	/* The last crash; time 0: none. */
	int64_t crash_time;
	char crash_what[32];
	char crash_client[64];
	char crash_request[256];
};

struct view_reload {
	int64_t time; /* 0: nothing is known */
	char kind[16], result[16], message[512];
	double took; /* VIEW_UNKNOWN */
	int64_t ok, failed;
};

/* A connection. */
struct view_row {
	uint64_t pid, requests, sent;
	int64_t received, cpu_ms; /* VIEW_UNKNOWN */
	int64_t age, request_age; /* VIEW_UNKNOWN */
	char kind[8], state[16], client[64], route[64], handler[32];
	char request[256];
};

struct view {
	const struct prong_server_stats *server;
	int64_t time; /* now, seconds since 1970 */
	struct view_sample samples[VIEW_SAMPLES];
	size_t sample_count;
	struct view_latency latency;
	struct view_count errors[VIEW_COUNTS], refusals[VIEW_COUNTS];
	size_t error_count, refusal_count;
	struct view_process processes[VIEW_PROCESSES];
	size_t process_count;
	struct view_handler handlers[VIEW_HANDLERS];
	size_t handler_count;
	struct view_reload reload;
	/* Those that are shown come first, in their order; the others are memory for
	 * the next ones. */
	struct view_row **rows;
	size_t row_count, row_memory, matching, total;
};

/* Memory of the request, for rows of that order. NULL: there is none. */
struct view *view_new(struct prong_request *request, const struct order *order);

/* Gathers what the server tells; server of the counts is borrowed. The memory of rows
 * that were there before is used again. -1: there is not enough. */
int view_fill(struct view *view, struct prong_request *request,
    const struct counts *counts, const struct order *order);

#endif
