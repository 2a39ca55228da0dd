/*
 * Totals: what all generations of a server have counted together. The master
 * keeps them as a sealed page of memory, which it never maps itself; generations
 * add to it, also those that drain.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_TOTALS_H
#define PRONG_BASE_TOTALS_H

#include <stdint.h>

enum total {
	TOTAL_CONNECTIONS,
	TOTAL_REFUSED,
	TOTAL_CRASHED,
	TOTAL_REQUESTS,
	TOTAL_RECEIVED, /* octets */
	TOTAL_SENT,
	TOTAL_LINES_DROPPED, /* of the access log */
	TOTAL_RESPONSES,     /* of the first class, and five more */
	TOTALS = TOTAL_RESPONSES + 6
};

struct totals {
	uint64_t of[TOTALS];
};

/* In the master: a page of zeros as a descriptor. -1 and errno. */
int totals_new(void);

/* In a generation: the page, which a fork does not copy. NULL and errno. */
struct totals *totals_map(int fd);

/* Adds to both; shared may be NULL. Other generations may do so at the same
 * time. */
void totals_add(struct totals *own, struct totals *shared,
    const struct totals *more);

/* a - b, but never below 0. */
struct totals totals_less(const struct totals *a, const struct totals *b);

#endif
