/*
 * Watchdog: ends connection processes that are overdue, stand still, use more
 * processor time than their route permits, or work for a client that has gone;
 * by the generation's own clock and its own observations. A process whose
 * handler is overdue is told to end by a signal (quota.h), and killed if it does
 * not, because it blocks the signal. A process stands still when its page of the
 * scoreboard shows no change for longer than the limits let an honest one. A
 * process that fakes progress cannot be told from one that its client keeps
 * busy.
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
struct child;
struct configuration;

/* Granted beyond the limits, for a machine under load. */
#define WATCHDOG_MARGIN_MS 5000

/* The longest times of an honest process, for every route; 0: no bound. */
struct watchdog_limits {
	int64_t handling_ms; /* in a handler, without a change; where there is
			      * no bound, no process is judged to stand still */
	int64_t still_ms;    /* without a change, in any other state */
	int64_t total_ms;    /* in the handlers of a request */
	int64_t gone_ms;     /* of gone_grace */
};

enum watchdog_verdict {
	WATCHDOG_FINE,
	WATCHDOG_TIME,	/* beyond max_request_time, by its own page */
	WATCHDOG_TOTAL, /* beyond max_request_total, by its own page */
	WATCHDOG_STILL	/* beyond the limits of every route */
};

/* The signs of a process at the last sweep, and what was observed. Times are of
 * clock_ms; 0: not yet. */
struct watchdog_view {
	struct scoreboard_signs seen;
	int64_t request_ms, call_ms, change_ms; /* of the last change */
	int64_t told_ms; /* the process was told to end */
	int64_t look_ms; /* for the client, next */
	int64_t gone_ms; /* the client was found to have gone */
	int64_t cpu_ms;	 /* processor time used before the call */
	bool has_cpu;
};

struct watchdog {
	const struct scoreboard *scoreboard;
	struct children *children; /* same slots as the scoreboard */
	size_t slots;
	size_t
	    members;  /* of pools, that have a client or begin; set by others */
	int presence; /* socket of presence.h; -1: none */
	struct watchdog_limits limits;
	int64_t interval_ms; /* between sweeps; 0: no route has a limit */
	int64_t next_ms;
};

/* Borrows all three for the life of the watchdog. */
void watchdog_init(struct watchdog *watchdog,
    const struct configuration *configuration,
    const struct scoreboard *scoreboard, struct children *children,
    int presence);

/* Examines the processes when it is time, and ends those that have to end.
 * Returns the time of the next call (clock_ms), INT64_MAX when there is no
 * process or no limit. */
int64_t watchdog_sweep(struct watchdog *watchdog);

/* Logs that the kernel has ended that process for its processor time: it was
 * faster than a sweep, or the page of the process is false. */
void watchdog_note_kill(struct child *child);

/* The limits that cover requests for every route; and the time between two
 * sweeps, a quarter of the shortest limit within bounds, 0: there is no limit.
 * Pure, like the next two. */
struct watchdog_limits watchdog_limits(
    const struct configuration *configuration);
int64_t watchdog_interval_ms(const struct configuration *configuration);

/* Begins the view of a new process. */
void watchdog_begin(struct watchdog_view *view, int64_t now_ms);

/* The verdict on a process by its present signs; the view keeps these. */
enum watchdog_verdict watchdog_judge(struct watchdog_view *view,
    const struct watchdog_limits *limits, const struct scoreboard_signs *signs,
    int64_t now_ms);

#endif
