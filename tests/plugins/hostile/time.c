/*
 * Deeds against the limits of time: with every signal blocked, with lies in the
 * own page, in threads and in children.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/scoreboard.h"

#define CHILDREN 2
#define TIMERS	 8

static void
block(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
}

static double
now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
burn_seconds(double seconds)
{
	double end = now(CLOCK_PROCESS_CPUTIME_ID) + seconds;

	while (now(CLOCK_PROCESS_CPUTIME_ID) < end)
		continue;
}

static const char *
burn(struct prong_request *r, const char *argument)
{
	(void)r;
	block();
	burn_seconds(atof(argument));
	return "burnt";
}

static const char *
burn_ignoring(struct prong_request *r, const char *argument)
{
	(void)r;
	for (int s = 1; s <= SIGRTMAX; s++)
		signal(s, SIG_IGN);
	burn_seconds(atof(argument));
	return "burnt";
}

/* By its kernel number, which begins at 0 in each process. */
static const char *
burn_without_timers(struct prong_request *r, const char *argument)
{
	static const struct itimerspec never;

	(void)r;
	for (int i = 0; i < TIMERS; i++) {
		syscall(SYS_timer_settime, i, 0, &never, NULL);
		syscall(SYS_timer_delete, i);
	}
	burn_seconds(atof(argument));
	return "burnt";
}

/* What it says of itself: no limits, and another call all the time. */
static const char *
burn_and_lie(struct prong_request *r, const char *argument)
{
	struct scoreboard_page *page = own_page(r);
	double end = now(CLOCK_PROCESS_CPUTIME_ID) + atof(argument);

	if (!page)
		return "no page";
	block();
	while (now(CLOCK_PROCESS_CPUTIME_ID) < end) {
		page->cpu_ms = page->time_ms = page->total_ms = 0;
		page->calls++;
		page->requests++;
	}
	return "burnt";
}

static void *
run_thread(void *seconds)
{
	burn_seconds(*(const double *)seconds);
	return NULL;
}

static const char *
burn_in_threads(struct prong_request *r, const char *argument)
{
	double seconds = atof(argument);
	pthread_t threads[CHILDREN];
	int i;

	(void)r;
	block();
	for (i = 0; i < CHILDREN; i++)
		if (pthread_create(&threads[i], NULL, run_thread, &seconds) !=
		    0)
			return "no thread";
	for (i = 0; i < CHILDREN; i++)
		pthread_join(threads[i], NULL);
	return "burnt";
}

/* How many children were killed, and whether after more than three seconds of
 * processor time each. */
static const char *
burn_in_children(struct prong_request *r, const char *argument)
{
	int killed = 0, status;
	bool is_long = false;
	struct rusage used;

	(void)r;
	block();
	for (int i = 0; i < CHILDREN; i++) {
		if (fork() == 0) {
			burn_seconds(atof(argument));
			_exit(0);
		}
	}
	while (wait4(-1, &status, 0, &used) > 0) {
		killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
		is_long |= used.ru_utime.tv_sec + used.ru_stime.tv_sec >= 3;
	}
	prong_printf(r, "%d killed%s\n", killed, is_long ? " late" : "");
	return NULL;
}

static const char *
lift_cpu(struct prong_request *r, const char *argument)
{
	const struct rlimit more = { RLIM_INFINITY, RLIM_INFINITY };

	(void)r;
	(void)argument;
	return outcome(setrlimit(RLIMIT_CPU, &more), "lifted");
}

static const char *
sleep_blocked(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	block();
	for (;;)
		pause();
	return "ended";
}

/* The end of the generation, and its signals, are no news. */
static const char *
sleep_deaf(struct prong_request *r, const char *argument)
{
	prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
	return sleep_blocked(r, argument);
}

/* The same, or signals alone, and the connection goes on. */
static const char *
be_deaf(struct prong_request *r, const char *argument)
{
	(void)r;
	if (strcmp(argument, "signals") != 0)
		prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
	block();
	return "deaf";
}

/* Sleeps, and keeps a member of its page busy: "octets", "calls", "requests",
 * "waiting", "limits" or "state". */
static const char *
sleep_and_lie(struct prong_request *r, const char *argument)
{
	struct scoreboard_page *page = own_page(r);

	if (!page)
		return "no page";
	block();
	for (unsigned n = 0;; n++) {
		if (argument[0] == 'o')
			page->bytes_sent++;
		else if (argument[0] == 'c')
			page->calls++;
		else if (argument[0] == 'r')
			page->requests++;
		else if (argument[0] == 'w')
			page->is_waiting = 1;
		else if (argument[0] == 'l')
			page->time_ms = page->total_ms = page->gone_ms =
			    INT64_MAX;
		else
			page->state = SCOREBOARD_CLOSING;
		usleep(20000);
	}
	return "ended";
}

/* No signal but SIGKILL is delivered then. */
static const char *
stop_itself(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	for (;;)
		kill(getpid(), SIGSTOP);
	return "ended";
}

/* Nobody can be served any more. */
static const char *
close_and_sleep(struct prong_request *r, const char *argument)
{
	close_range(0, ~0U, 0);
	return sleep_blocked(r, argument);
}

/* Uses up the signals that the user may have pending, for that many seconds. */
static const char *
queue_signals(struct prong_request *r, const char *argument)
{
	union sigval value = { .sival_int = 0 };
	int n = 0;

	block();
	while (sigqueue(getpid(), SIGRTMIN + 1, value) == 0)
		n++;
	prong_printf(r, "%s\n", n > 0 ? "queued" : outcome(-1, NULL));
	prong_flush(r);
	sleep((unsigned)atoi(argument));
	return NULL;
}

const struct deed time_deeds[] = { { "burn", burn },
	{ "burn_ignoring", burn_ignoring },
	{ "burn_without_timers", burn_without_timers },
	{ "burn_and_lie", burn_and_lie },
	{ "burn_in_threads", burn_in_threads },
	{ "burn_in_children", burn_in_children }, { "lift_cpu", lift_cpu },
	{ "sleep_blocked", sleep_blocked }, { "sleep_deaf", sleep_deaf },
	{ "be_deaf", be_deaf }, { "sleep_and_lie", sleep_and_lie },
	{ "stop_itself", stop_itself }, { "close_and_sleep", close_and_sleep },
	{ "queue_signals", queue_signals }, { NULL, NULL } };
