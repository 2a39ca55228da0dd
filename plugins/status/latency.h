/*
 * Durations of requests, as a histogram. Pure.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_LATENCY_H
#define STATUS_LATENCY_H

#include <stdint.h>

#include <prong/handler.h>

struct latency {
	uint64_t buckets[PRONG_STATS_BUCKETS];
	uint64_t sum_us, max_us;
};

/* Adds those of a handler. */
void latency_add(struct latency *latency,
    const struct prong_handler_stats *handler);

uint64_t latency_count(const struct latency *latency);

/* The duration that so many of 1000 requests do not exceed, with an error of at most
 * an eighth of it: the middle of its bucket, and never more than the longest. */
uint64_t latency_quantile_us(const struct latency *latency,
    unsigned thousandths);

#endif
