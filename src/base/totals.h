/*
 * Totals: the counts of a process, a generation or a server.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_TOTALS_H
#define PRONG_BASE_TOTALS_H

#include <stdint.h>

#include <prong/handler.h>

enum total {
	TOTAL_CONNECTIONS,
	TOTAL_REFUSED,
	TOTAL_CRASHED,
	TOTAL_REQUESTS,
	TOTAL_RECEIVED, /* octets */
	TOTAL_SENT,
	TOTAL_LINES_DROPPED, /* of the access log */
	TOTAL_RESPONSES,     /* of the first class, and five more */
	TOTAL_METHODS = TOTAL_RESPONSES + 6, /* as in a tally (tally.h) */
	TOTAL_ERRORS = TOTAL_METHODS + PRONG_STATS_METHODS,
	TOTAL_REFUSALS = TOTAL_ERRORS + PRONG_STATS_ERRORS, /* by reason */
	/* Pages that said what cannot be, and were not counted. */
	TOTAL_DISCARDED = TOTAL_REFUSALS + PRONG_STATS_REFUSALS,
	TOTALS
};

/* Why a client gets a 503: the reasons in TOTAL_REFUSALS. */
enum refusal {
	REFUSAL_FULL, /* no place within queue_timeout */
	REFUSAL_CLIENT,
	REFUSAL_NETWORK,
	REFUSAL_PENALTY,
	REFUSAL_POOL, /* of a request */
	REFUSALS
};

_Static_assert(REFUSALS == PRONG_STATS_REFUSALS, "each has a place");

struct totals {
	uint64_t of[TOTALS];
};

/* Adds to both; shared may be NULL. Other generations may do so at the same
 * time. */
void totals_add(struct totals *own, struct totals *shared,
    const struct totals *more);

/* a - b, but never below 0. */
struct totals totals_less(const struct totals *a, const struct totals *b);

#endif
