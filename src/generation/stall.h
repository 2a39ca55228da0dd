/*
 * Stalls: whether a process stands still for longer than any of its limits lets
 * an honest one. Judged by what its page of the scoreboard shows and by the
 * generation's own clock: a broken process may stop its timers and say that it
 * has time left. One that goes on making up progress cannot be told from one
 * whose client keeps it busy. Pure.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_STALL_H
#define PRONG_GENERATION_STALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/scoreboard.h"

struct configuration;

/* What is granted beyond the limits, for a machine with much to do. */
#define STALL_MARGIN_MS 5000

/* How long a process may be at it. */
struct stall_limits {
	int64_t handling_ms; /* the same request; 0: for ever, and
					   then nothing is judged */
	int64_t still_ms;    /* otherwise, and nothing changes */
};

/* When what was seen first. */
struct stall {
	struct scoreboard_signs seen;
	int64_t request_ms, change_ms;
};

/* Those that hold whatever routes the requests are for. */
struct stall_limits stall_limits_of(const struct configuration *configuration);

/* For a new process. */
void stall_begin(struct stall *stall, int64_t now_ms);

/* Whether it has stalled, by what it shows now. */
bool stall_is_over(struct stall *stall, const struct stall_limits *limits,
    const struct scoreboard_signs *signs, int64_t now_ms);

#endif
