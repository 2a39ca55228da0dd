/*
 * Watchdog: kills connection processes that are overdue or stand still, by the
 * generation's own clock. A process is overdue when it has taken longer than
 * max_request_time and did not end by itself, because it blocked the signal. A
 * process stands still when its page of the scoreboard shows no change for
 * longer than the limits let an honest one. A process that fakes progress
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

/* Granted beyond the limits, for a machine under load. */
#define WATCHDOG_MARGIN_MS 5000

/* The longest times of an honest process. */
struct watchdog_limits {
	int64_t handling_ms; /* for a request; 0: no bound, and no process is
			      * judged to stand still */
	int64_t still_ms;    /* without a change, in any other state */
};

/* The signs of a process at the last sweep, and the times of their changes. */
struct watchdog_view {
	struct scoreboard_signs seen;
	int64_t request_ms, change_ms; /* clock_ms */
};

struct watchdog {
	const struct scoreboard *scoreboard;
	struct children *children; /* same slots as the scoreboard */
	size_t slots;
	bool has_time_limits; /* a route has max_request_time */
	struct watchdog_limits limits;
	int64_t next_ms;
};

/* Borrows all three for the life of the watchdog. */
void watchdog_init(struct watchdog *watchdog,
    const struct configuration *configuration,
    const struct scoreboard *scoreboard, struct children *children);

/* Examines the processes when it is time, and kills those that have to end.
 * Returns the time of the next call (clock_ms), INT64_MAX when no route has
 * max_request_time. */
int64_t watchdog_sweep(struct watchdog *watchdog);

/* The limits that cover requests for every route. Pure, like the next two. */
struct watchdog_limits watchdog_limits(
    const struct configuration *configuration);

/* Begins the view of a new process. */
void watchdog_begin(struct watchdog_view *view, int64_t now_ms);

/* Whether the process stands still, by its present signs; the view keeps
 * these. */
bool watchdog_finds_stall(struct watchdog_view *view,
    const struct watchdog_limits *limits, const struct scoreboard_signs *signs,
    int64_t now_ms);

#endif
