/*
 * How slow a peer may be: the peer may pause for the timeout, and beyond that
 * must keep up a least rate. Only time spent waiting for the peer counts, so a
 * client does not pay for a slow handler. Pure.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_PACE_H
#define PRONG_MESSAGE_PACE_H

#include <stdint.h>

struct pace {
	int64_t timeout_ms;
	uint64_t min_rate; /* octets a second; 0: no rate */
	uint64_t octets;   /* moved so far */
	int64_t waited_ms; /* for the peer, so far */
};

static inline void
pace_begin(struct pace *pace, int64_t timeout_ms, uint64_t min_rate)
{
	*pace = (struct pace){ .timeout_ms = timeout_ms, .min_rate = min_rate };
}

/* Milliseconds that the next wait may last; 0: the peer is too slow. */
static inline int64_t
pace_patience_ms(const struct pace *pace)
{
	uint64_t seconds;
	int64_t earned_ms, left_ms;

	if (pace->min_rate == 0)
		return pace->timeout_ms;
	seconds = pace->octets / pace->min_rate;
	/* Beyond a century only the timeout counts; so no product overflows. */
	if (seconds > UINT64_C(3155760000))
		return pace->timeout_ms;
	earned_ms = (int64_t)seconds * 1000;
	left_ms = pace->timeout_ms + earned_ms - pace->waited_ms;
	if (left_ms < 0)
		return 0;
	return left_ms < pace->timeout_ms ? left_ms : pace->timeout_ms;
}

#endif
