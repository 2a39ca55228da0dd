/*
 * Latencies, counted in classes that are about 3 % wide. Pure.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef BENCH_LATENCY_H
#define BENCH_LATENCY_H

#include <stdint.h>

/* 32 classes for each power of two of microseconds. */
#define LATENCY_CLASSES (32 * 40)

struct latencies {
	uint64_t counts[LATENCY_CLASSES];
	uint64_t total;
	uint64_t max_us;
};

static inline unsigned
latency_class(uint64_t us)
{
	unsigned shift = 0;

	if (us < 64)
		return (unsigned)us;
	while (us >> shift >= 64)
		shift++;
	return 32 * shift + (unsigned)(us >> shift);
}

static inline void
latency_count(struct latencies *l, uint64_t us)
{
	unsigned c = latency_class(us);

	l->counts[c < LATENCY_CLASSES ? c : LATENCY_CLASSES - 1]++;
	l->total++;
	if (us > l->max_us)
		l->max_us = us;
}

/* The lower end of the class where that share of a thousand is reached. */
static inline uint64_t
latency_permille(const struct latencies *l, unsigned permille)
{
	uint64_t sum = 0;
	unsigned c;

	if (l->total == 0)
		return 0;
	for (c = 0; c < LATENCY_CLASSES; c++) {
		sum += l->counts[c];
		if (sum * 1000 >= l->total * permille)
			break;
	}
	if (c < 64)
		return c;
	return (uint64_t)(32 + c % 32) << (c / 32 - 1);
}

#endif
