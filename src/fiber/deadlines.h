/*
 * Deadlines, the earliest first: a pairing heap of structures that belong to the
 * caller, so nothing is allocated and nothing can fail. To add one costs a
 * comparison; to remove one costs, in the long run, the logarithm of their number
 * at most, and nearly nothing if no later one was compared with it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_FIBER_DEADLINES_H
#define PRONG_FIBER_DEADLINES_H

#include <stdint.h>

struct deadline {
	int64_t at_ms;
	/* The first of those below it; the next one below the same; the one
	 * before that, or the one above. */
	struct deadline *below, *next, *before;
};

struct deadlines {
	struct deadline *first; /* the earliest; NULL: none */
};

/* The deadline must not be among them. */
void deadlines_add(struct deadlines *deadlines, struct deadline *deadline,
    int64_t at_ms);

/* The deadline must be among them. */
void deadlines_remove(struct deadlines *deadlines, struct deadline *deadline);

#endif
