/* SPDX-License-Identifier: ISC */
#include "sandbox/quota.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/scoreboard.h"
#include "config/limit.h"

/* A timer is made for the first request that has a limit of its kind. */
struct watch {
	bool is_made;
	timer_t timer;
	clockid_t clock;
	int signal;
};

static struct watch cpu = { .clock = CLOCK_PROCESS_CPUTIME_ID };
static struct watch wall = { .clock = CLOCK_MONOTONIC };

static bool
make(struct watch *w, int signal)
{
	struct sigevent event;

	if (w->is_made)
		return true;
	memset(&event, 0, sizeof(event));
	event.sigev_notify = SIGEV_SIGNAL;
	event.sigev_signo = signal;
	w->is_made = timer_create(w->clock, &event, &w->timer) == 0;
	return w->is_made;
}

/* Sets the timer; 0 ms stops it. The kernel rounds up, never down
 * (timer_settime(2)). */
static void
set(struct watch *w, int signal, int64_t ms)
{
	struct itimerspec when = { { 0, 0 },
		{ ms / 1000, ms % 1000 * 1000000 } };

	if (!make(w, signal) || timer_settime(w->timer, 0, &when, NULL) < 0)
		log_error("cannot watch the time of a request: %s",
		    strerror(errno));
}

void
quota_begin(const struct limits *limits, struct scoreboard_page *page)
{
	if (limits->max_cpu_time_ms > 0)
		set(&cpu, QUOTA_CPU_SIGNAL, limits->max_cpu_time_ms);
	if (limits->max_request_time_ms > 0) {
		set(&wall, QUOTA_TIME_SIGNAL, limits->max_request_time_ms);
		page->kill_at_ms = clock_ms() + limits->max_request_time_ms +
		    QUOTA_KILL_MARGIN_MS;
	}
}

void
quota_end(const struct limits *limits, struct scoreboard_page *page)
{
	if (limits->max_cpu_time_ms > 0)
		set(&cpu, QUOTA_CPU_SIGNAL, 0);
	if (limits->max_request_time_ms > 0) {
		set(&wall, QUOTA_TIME_SIGNAL, 0);
		page->kill_at_ms = 0;
	}
}
