/* SPDX-License-Identifier: ISC */
#include "base/totals.h"

#include <stddef.h>

void
totals_add(struct totals *own, struct totals *shared, const struct totals *more)
{
	size_t i;

	for (i = 0; i < TOTALS; i++) {
		own->of[i] += more->of[i];
		if (shared && more->of[i] != 0)
			__atomic_fetch_add(&shared->of[i], more->of[i],
			    __ATOMIC_RELAXED);
	}
}

struct totals
totals_less(const struct totals *a, const struct totals *b)
{
	struct totals less;
	size_t i;

	for (i = 0; i < TOTALS; i++)
		less.of[i] = a->of[i] > b->of[i] ? a->of[i] - b->of[i] : 0;
	return less;
}
