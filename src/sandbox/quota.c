/* SPDX-License-Identifier: ISC */
#include "sandbox/quota.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/scoreboard.h"
#include "config/limit.h"

/* A timer is made for the first request that has a limit of its kind. The
 * kernel counts timers among the pending signals of the user, who may have no
 * more of them; then an interval timer takes the place, whose signal ends the
 * process without last words. */
struct watch {
	bool is_made;
	timer_t timer;
	clockid_t clock;
	__itimer_which_t interval;
};

static struct watch cpu = { .clock = CLOCK_PROCESS_CPUTIME_ID,
	.interval = ITIMER_PROF };
static struct watch wall = { .clock = CLOCK_MONOTONIC,
	.interval = ITIMER_REAL };
static struct watch total = { .clock = CLOCK_MONOTONIC,
	.interval = ITIMER_REAL };

/* The generation watches the time by the clock. */
static volatile sig_atomic_t is_watched;

/* The handler at work: its limits (NULL: none is at work), its page, and the
 * octets that had moved when the timer was set. */
static const struct limits *volatile current;
static struct scoreboard_page *current_page;
static uint64_t seen_octets;

static bool
limit(int resource, uint64_t max)
{
	const struct rlimit both = { (rlim_t)max, (rlim_t)max };

	return max == 0 || setrlimit((__rlimit_resource_t)resource, &both) == 0;
}

/* The rest of a second, and one for what the server itself uses. */
static uint64_t
cpu_seconds(uint64_t ms)
{
	return ms == 0 ? 0 : (ms + 999) / 1000 + 1;
}

uint64_t
quota_cpu_in_all_ms(const struct limits *limits, size_t handlers)
{
	return (uint64_t)limits->max_cpu_time_ms * (handlers + 1);
}

int
quota_confine(const struct quota_confinement *c)
{
	return limit(RLIMIT_DATA, c->max_memory_bytes) &&
		limit(RLIMIT_NOFILE, c->max_open_files) &&
		limit(RLIMIT_CPU, cpu_seconds(c->max_cpu_ms)) ?
	    0 :
	    -1;
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

/* Sets the timer; 0 ms stops it. The kernel rounds up, never down
 * (timer_settime(2)). */
static void
set(struct watch *w, int signal, int64_t ms)
{
	const struct itimerspec when = { { 0, 0 },
		{ ms / 1000, ms % 1000 * 1000000 } };
	const struct itimerval until = { { 0, 0 },
		{ ms / 1000, ms % 1000 * 1000 } };

	if (make(w, signal) && timer_settime(w->timer, 0, &when, NULL) == 0)
		return;
	if (setitimer(w->interval, &until, NULL) < 0)
		log_error("cannot watch the time of a request: %s",
		    strerror(errno));
}

static void
set_if_limited(struct watch *w, int signal, int64_t limit_ms, int64_t ms)
{
	if (limit_ms > 0)
		set(w, signal, ms);
}

static uint64_t
moved_octets(void)
{
	return current_page->bytes_received + current_page->bytes_sent +
	    current_page->bytes_taken;
}

/* Sets the timers by the clock, or stops them. */
static void
watch_alone(const struct limits *limits, bool begins)
{
	const int64_t time_ms = limits->max_request_time_ms;
	const int64_t total_ms = limits->max_request_total_ms;

	seen_octets = moved_octets();
	set_if_limited(&wall, QUOTA_TIME_SIGNAL, time_ms, begins ? time_ms : 0);
	set_if_limited(&total, QUOTA_TOTAL_SIGNAL, total_ms,
	    begins ? total_ms : 0);
}

/* The system call and not prctl(3): see signals_reset. */
void
quota_watched(void)
{
	is_watched = syscall(SYS_prctl, PR_SET_PDEATHSIG, QUOTA_ORPHAN_SIGNAL,
			 0, 0, 0) == 0;
}

void
quota_orphaned(void)
{
	const struct limits *limits = current;

	is_watched = 0;
	if (limits)
		watch_alone(limits, true);
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
quota_begin(const struct limits *limits, struct scoreboard_page *page)
{
	page->time_ms = limits->max_request_time_ms;
	page->total_ms = limits->max_request_total_ms;
	page->cpu_ms = limits->max_cpu_time_ms;
	page->gone_ms = limits->gone_grace_ms;
	page->calls++;
	current_page = page;
	set_if_limited(&cpu, QUOTA_CPU_SIGNAL, limits->max_cpu_time_ms,
	    limits->max_cpu_time_ms);
	current = limits;
	if (!is_watched)
		watch_alone(limits, true);
}

void
quota_end(const struct limits *limits, struct scoreboard_page *page)
{
	current = NULL;
	set_if_limited(&cpu, QUOTA_CPU_SIGNAL, limits->max_cpu_time_ms, 0);
	if (!is_watched)
		watch_alone(limits, false);
	page->time_ms = page->total_ms = page->cpu_ms = page->gone_ms = 0;
}

bool
quota_is_over(int signal)
{
	const struct limits *limits = current;

	if (!limits)
		return false;
	if (signal != QUOTA_TIME_SIGNAL || is_watched ||
	    (seen_octets == moved_octets() && !current_page->is_waiting))
		return true;
	seen_octets = moved_octets();
	set(&wall, QUOTA_TIME_SIGNAL, limits->max_request_time_ms);
	return false;
}
