/*
 * A limit on log lines about a state that lasts, such as a lack of descriptors:
 * one line every few seconds instead of one for each failure.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_RATELIMIT_H
#define PRONG_BASE_RATELIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

#define RATELIMIT_MS 5000

struct ratelimit {
	int64_t next_ms;
};

/* Whether the next line may be logged now. */
static inline bool
ratelimit_allows(struct ratelimit *limit)
{
	int64_t now_ms = clock_ms();

	if (now_ms < limit->next_ms)
		return false;
	limit->next_ms = now_ms + RATELIMIT_MS;
	return true;
}

#endif
