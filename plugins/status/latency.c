/* SPDX-License-Identifier: ISC */
#include "status/latency.h"

#include <stddef.h>

void
latency_add(struct latency *l, const struct prong_handler_stats *handler)
{
	size_t i;

	for (i = 0; i < PRONG_STATS_BUCKETS; i++)
		l->buckets[i] += handler->latency[i];
	l->sum_us += handler->latency_sum_us;
	if (handler->latency_max_us > l->max_us)
		l->max_us = handler->latency_max_us;
}

uint64_t
latency_count(const struct latency *l)
{
	uint64_t count = 0;
	size_t i;

	for (i = 0; i < PRONG_STATS_BUCKETS; i++)
		count += l->buckets[i];
	return count;
}

static uint64_t
middle_us(const struct latency *l, size_t bucket)
{
	const uint64_t least = bucket == 0 ? 0 :
					     prong_stats_bound_us(bucket - 1);
	uint64_t most = prong_stats_bound_us(bucket);

	if (most > l->max_us)
		most = l->max_us > least ? l->max_us : least;
	return least + (most - least) / 2;
}

uint64_t
latency_quantile_us(const struct latency *l, unsigned thousandths)
{
	const uint64_t count = latency_count(l);
	/* Of the request in question, from 1 on: rounded up, without overflow. */
	const uint64_t rank = count / 1000 * thousandths +
	    (count % 1000 * thousandths + 999) / 1000;
	uint64_t seen = 0;
	size_t i;

	if (count == 0)
		return 0;
	for (i = 0; i < PRONG_STATS_BUCKETS - 1; i++) {
		seen += l->buckets[i];
		if (seen >= rank)
			break;
	}
	return middle_us(l, i);
}
