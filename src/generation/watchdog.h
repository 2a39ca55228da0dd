/*
 * Watchdog: ends connection processes that are overdue or stand still, by the
 * generation's own clock. Overdue is a process that has taken longer than
 * max_request_time and did not end by itself, having blocked the signal. A
 * process stands still when its page of the scoreboard shows no change for
 * longer than any limit lets an honest one. A process that makes up progress
 * cannot be told from one that its client keeps busy.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_WATCHDOG_H
#define PRONG_GENERATION_WATCHDOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/scoreboard.h"

struct children;
struct configuration;

/* Granted beyond the limits, for a machine with much to do. */
#define WATCHDOG_MARGIN_MS 5000

/* The longest that an honest process takes. */
struct watchdog_limits {
	int64_t handling_ms; /* for a request; 0: no bound, and then no
				process is judged */
	int64_t still_ms;    /* without a change in any other state */
};

/* The signs of one process that the watchdog saw last, and since when. */
struct watchdog_view {
	struct scoreboard_signs seen;
	int64_t request_ms, change_ms; /* clock_ms */
};

struct watchdog {
	const struct scoreboard *scoreboard;
	struct children *children; /* whose slots are the scoreboard's */
	size_t slots;
	bool has_time_limits; /* some route's max_request_time */
	struct watchdog_limits limits;
	int64_t next_ms;
};

/* Borrows all three, for as long as it is used. */
void watchdog_init(struct watchdog *watchdog,
    const struct configuration *configuration,
    const struct scoreboard *scoreboard, struct children *children);

/* Looks at the processes, when it is time, and kills those that have to end.
 * Returns when to look again, INT64_MAX where no route has such a limit. */
int64_t watchdog_sweep(struct watchdog *watchdog);

/* The limits that hold whatever routes the requests are for. Pure, like the
 * next two. */
struct watchdog_limits watchdog_limits(
    const struct configuration *configuration);

/* For a new process. */
void watchdog_begin(struct watchdog_view *view, int64_t now_ms);

/* Whether the process stands still, by the signs that it shows now; they become
 * the last that were seen. */
bool watchdog_finds_stall(struct watchdog_view *view,
    const struct watchdog_limits *limits, const struct scoreboard_signs *signs,
    int64_t now_ms);

#endif
