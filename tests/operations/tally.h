/*
 * What became of the requests of one kind of client.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef OPERATIONS_TALLY_H
#define OPERATIONS_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "latency.h"

enum failure {
	FAILURE_REFUSED,    /* the connection */
	FAILURE_RESET,	    /* after the request, before an answer */
	FAILURE_CLOSED,	    /* likewise */
	FAILURE_CUT,	    /* within the answer */
	FAILURE_RESET_LATE, /* after it, where a close was due */
	FAILURE_STATUS,
	FAILURE_MALFORMED,
	FAILURE_CONTENT,
	FAILURE_MIXED, /* builds, in one answer */
	FAILURE_TIMEOUT,
	FAILURES
};

#define TALLY_DETAIL_BYTES 120

struct tally {
	uint64_t connections;
	uint64_t closed_idle; /* by the server, between requests */
	uint64_t octets;      /* of content */
	uint64_t failures[FAILURES];
	struct {
		int64_t us; /* since the start */
		char detail[TALLY_DETAIL_BYTES];
	} first[FAILURES];
	struct latencies latencies; /* and the number of good answers */
};

void tally_failure(struct tally *tally, enum failure failure, int64_t us,
    const char *detail);

uint64_t tally_failures(const struct tally *tally);

/* A line of totals, and a line for each failure that happened. */
void tally_print(const struct tally *tally, const char *kind, size_t clients);

#endif
