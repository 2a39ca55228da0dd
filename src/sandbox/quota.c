/* SPDX-License-Identifier: ISC */
#include "sandbox/quota.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/hot.h"
#include "base/log.h"
#include "base/orphan.h"
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
	__itimer_which_t interval;
	int interval_signal;
};

static HOT struct watch cpu = {
	.clock = CLOCK_PROCESS_CPUTIME_ID,
	.interval = ITIMER_PROF,
	.interval_signal = SIGPROF,
};
static HOT struct watch wall = {
	.clock = CLOCK_MONOTONIC,
	.interval = ITIMER_REAL,
	.interval_signal = SIGALRM,
};
static HOT struct watch total = {
	.clock = CLOCK_MONOTONIC,
	.interval = ITIMER_REAL,
	.interval_signal = SIGALRM,
};

/* The generation watches the time by the clock. */
static HOT volatile sig_atomic_t is_watched;

uint64_t
quota_cpu_in_all_ms(const struct limits *limits, size_t handlers)
{
	return (uint64_t)limits->max_cpu_time_ms * (handlers + 1);
}

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

/* Its signal is caught as the other one is. */
static void
set_interval(struct watch *w, int signal, int64_t ms)
{
	const struct itimerval until = { { 0, 0 },
		{ ms / 1000, ms % 1000 * 1000 } };
	struct sigaction action;

	if (!w->is_interval)
		log_warning("a request is watched by setitimer: timer_create "
			    "says %s",
		    strerror(errno));
	sigaction(signal, NULL, &action);
	sigaction(w->interval_signal, &action, NULL);
	w->is_interval = ms > 0;
	if (setitimer(w->interval, &until, NULL) < 0)
		log_error("cannot watch the time of a request: %s",
		    strerror(errno));
}

/* Sets the timer; 0 ms stops it. The kernel rounds up, never down
 * (timer_settime(2)). */
static void
set(struct watch *w, int signal, int64_t ms)
{
	const struct itimerspec when = { { 0, 0 },
		{ ms / 1000, ms % 1000 * 1000000 } };

	if (w->is_interval || !make(w, signal) ||
	    timer_settime(w->timer, 0, &when, NULL) < 0)
		set_interval(w, signal, ms);
}

int
quota_signal(int signal)
{
	if (signal == cpu.interval_signal && cpu.is_interval)
		return QUOTA_CPU_SIGNAL;
	if (signal == wall.interval_signal && wall.is_interval)
		return QUOTA_TIME_SIGNAL;
	if (signal == total.interval_signal && total.is_interval)
		return QUOTA_TOTAL_SIGNAL;
	return signal;
}

static void
set_if_limited(struct watch *w, int signal, int64_t limit_ms, int64_t ms)
{
	if (limit_ms > 0)
		set(w, signal, ms);
}

static uint64_t
moved_octets(const struct scoreboard_page *page)
{
	return page->bytes_received + page->bytes_sent + page->bytes_taken;
}

/* Sets the timers by the clock, or stops them. */
static void
watch_alone(struct quota *quota, const struct limits *limits, bool begins)
{
	const int64_t time_ms = limits->max_request_time_ms;
	const int64_t total_ms = limits->max_request_total_ms;

	quota->seen_octets = moved_octets(quota->page);
	set_if_limited(&wall, QUOTA_TIME_SIGNAL, time_ms, begins ? time_ms : 0);
	set_if_limited(&total, QUOTA_TOTAL_SIGNAL, total_ms,
	    begins ? total_ms : 0);
}

/* The system call and not prctl(3): see signals_reset. The generation may have
 * ended before it. */
void
quota_watched(pid_t generation)
{
	is_watched = syscall(SYS_prctl, PR_SET_PDEATHSIG, QUOTA_ORPHAN_SIGNAL,
			 0, 0, 0) == 0;
	if (getppid() != generation)
		quota_orphaned(NULL);
}

void
quota_orphaned(struct quota *quota)
{
	const struct limits *limits = quota ? quota->limits : NULL;

	is_watched = 0;
	orphan_note();
	if (limits)
		watch_alone(quota, limits, true);
}

void
quota_put_off(bool is_put_off)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, QUOTA_ORPHAN_SIGNAL);
	sigprocmask(is_put_off ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

bool
quota_is_spent(const struct limits *limits)
{
	struct timespec used;

	return limits->max_cpu_time_ms > 0 &&
	    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0 &&
	    (int64_t)used.tv_sec * 1000 + used.tv_nsec / 1000000 >=
	    limits->max_cpu_time_ms;
}

void
quota_begin(struct quota *quota, const struct limits *limits,
    struct scoreboard_page *page)
{
	page->time_ms = limits->max_request_time_ms;
	page->total_ms = limits->max_request_total_ms;
	page->cpu_ms = limits->max_cpu_time_ms;
	page->gone_ms = limits->gone_grace_ms;
	page->calls++;
	quota->page = page;
	set_if_limited(&cpu, QUOTA_CPU_SIGNAL, limits->max_cpu_time_ms,
	    limits->max_cpu_time_ms);
	quota->limits = limits;
	if (!is_watched)
		watch_alone(quota, limits, true);
}

void
quota_end(struct quota *quota)
{
	const struct limits *limits = quota->limits;
	struct scoreboard_page *page = quota->page;

	quota->limits = NULL;
	set_if_limited(&cpu, QUOTA_CPU_SIGNAL, limits->max_cpu_time_ms, 0);
	if (!is_watched)
		watch_alone(quota, limits, false);
	page->time_ms = page->total_ms = page->cpu_ms = page->gone_ms = 0;
}

bool
quota_is_over(struct quota *quota, int signal)
{
	const struct limits *limits = quota->limits;

	if (!limits)
		return false;
	if (signal != QUOTA_TIME_SIGNAL || is_watched ||
	    (quota->seen_octets == moved_octets(quota->page) &&
		!quota->page->is_waiting))
		return true;
	quota->seen_octets = moved_octets(quota->page);
	set(&wall, QUOTA_TIME_SIGNAL, limits->max_request_time_ms);
	return false;
}
