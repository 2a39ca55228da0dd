/* SPDX-License-Identifier: ISC */
#include "sandbox/quota.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/scoreboard.h"
#include "config/limit.h"

/* A timer is made for the first request that has a limit of its kind. The
 * kernel keeps a signal for each, of a number that the processes of a user have
 * together. When others have used these up, an interval timer of the process
 * serves, which needs none; but handlers may want that one for themselves. */
struct watch {
	bool is_made;
	bool is_interval; /* The interval timer runs. */
	timer_t timer;
	clockid_t clock;
	int signal;
	int interval, interval_signal;
};

static struct watch cpu = {
	.clock = CLOCK_PROCESS_CPUTIME_ID,
	.signal = QUOTA_CPU_SIGNAL,
	.interval = ITIMER_PROF,
	.interval_signal = SIGPROF,
};
static struct watch wall = {
	.clock = CLOCK_MONOTONIC,
	.interval = ITIMER_REAL,
	.interval_signal = SIGALRM,
};

static bool
make(struct watch *w)
{
	struct sigevent event;

	if (w->is_made)
		return true;
	memset(&event, 0, sizeof(event));
	event.sigev_notify = SIGEV_SIGNAL;
	event.sigev_signo = w->signal;
	w->is_made = timer_create(w->clock, &event, &w->timer) == 0;
	return w->is_made;
}

/* Its signal is caught as the other one is. */
static void
set_interval(struct watch *w, const struct timespec *when)
{
	const struct itimerval value = { { 0, 0 },
		{ when->tv_sec, when->tv_nsec / 1000 } };
	struct sigaction action;

	if (!w->is_interval)
		log_warning("a request is watched by setitimer: timer_create "
			    "says %s",
		    strerror(errno));
	sigaction(w->signal, NULL, &action);
	sigaction(w->interval_signal, &action, NULL);
	w->is_interval = when->tv_sec > 0 || when->tv_nsec > 0;
	if (setitimer((__itimer_which_t)w->interval, &value, NULL) < 0)
		log_error("cannot watch the time of a request: %s",
		    strerror(errno));
}

/* Sets the timer; 0 ms stops it. The kernel rounds up, never down
 * (timer_settime(2)). */
static void
set(struct watch *w, int64_t ms)
{
	struct itimerspec when = { { 0, 0 },
		{ ms / 1000, ms % 1000 * 1000000 } };

	if (w->is_interval || !make(w) ||
	    timer_settime(w->timer, 0, &when, NULL) < 0)
		set_interval(w, &when.it_value);
}

int
quota_signal(int signal)
{
	if (signal == cpu.interval_signal && cpu.is_interval)
		return QUOTA_CPU_SIGNAL;
	if (signal == wall.interval_signal && wall.is_interval)
		return QUOTA_TIME_SIGNAL;
	return signal;
}

void
quota_begin(const struct limits *limits, struct scoreboard_page *page)
{
	wall.signal = QUOTA_TIME_SIGNAL; /* no constant */
	if (limits->max_cpu_time_ms > 0)
		set(&cpu, limits->max_cpu_time_ms);
	if (limits->max_request_time_ms > 0) {
		set(&wall, limits->max_request_time_ms);
		page->kill_at_ms = clock_ms() + limits->max_request_time_ms +
		    QUOTA_KILL_MARGIN_MS;
	}
}

void
quota_end(const struct limits *limits, struct scoreboard_page *page)
{
	if (limits->max_cpu_time_ms > 0)
		set(&cpu, 0);
	if (limits->max_request_time_ms > 0) {
		set(&wall, 0);
		page->kill_at_ms = 0;
	}
}
