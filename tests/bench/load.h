/*
 * A load: what many clients at once ask a server on this machine, and what came
 * of it. load.c says how the clients are told, load_run.c is what they do.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answer.h"
#include "latency.h"
#include "loopback.h"

#define REQUEST_BYTES 4096

enum failure {
	FAILURE_CONNECT,
	FAILURE_RESET, /* or closed before an answer began */
	FAILURE_SHORT, /* closed within an answer */
	FAILURE_MALFORMED,
	FAILURE_STATUS,
	FAILURE_MISMATCH,
	FAILURE_TIMEOUT,
	FAILURES
};

struct client;

struct request {
	char head[REQUEST_BYTES];
	size_t length;
};

struct load {
	/* What to do. */
	size_t client_count;
	uint64_t requests; /* UINT64_MAX: until the time is over */
	int64_t duration_us;
	uint64_t failures_max; /* it is no use to go on then */
	bool keep_alive;
	/* Unless -1: each client makes some requests first that do not count.
	 * Then an octet is written to opened_fd, and the rest begins when one can
	 * be read from go_fd. Likewise at the end: the connections are closed at
	 * the end of end_fd. */
	int opened_fd, go_fd, end_fd;
	struct loopback address;
	struct request *heads; /* each is sent in its turn */
	size_t head_count;
	uint64_t upload_bytes; /* that follow each head */
	struct expectation expected;
	/* What has been done. */
	int epoll;
	struct client *clients;
	size_t finished, waiting;
	bool is_opening;
	uint64_t begun;
	uint64_t connections;
	uint64_t failures[FAILURES], failures_total;
	int64_t start_us, end_us;
	struct latencies latencies;
};

/* Runs all clients until there is nothing more to ask: 0, or -1 and errno when
 * there is no memory or no epoll for them. */
int load_run(struct load *load);

/* Handles a signal after which nothing more is asked. */
void load_end_time(int signal);

/* Adds to sum what another process has done at the same time. */
void load_add(struct load *sum, const struct load *other);

#endif
