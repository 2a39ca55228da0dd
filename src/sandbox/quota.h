/*
 * Quotas of a request, by the limits of its route. The generation watches the
 * time by the clock (watchdog.h), by what the page of the scoreboard says; a
 * process without a generation, or that has lost it, has a timer. A timer also
 * watches processor time. Timers and generation send a signal that the crash
 * handler catches (crash_handler.h). All that is of a process with one connection:
 * fibers have deadlines instead (wait.h). Memory, open files and the processor time
 * of the whole process are bounds of the process (bounds.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_QUOTA_H
#define PRONG_SANDBOX_QUOTA_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct limits;
struct scoreboard_page;

/* Of a connection, begun as zeros: the handler at work. */
struct quota {
	const struct limits *volatile limits; /* NULL: none is at work */
	struct scoreboard_page *page;
	uint64_t seen_octets; /* that had moved when the timer was set */
};

/* The signals: beyond max_cpu_time, max_request_time, max_request_total; and
 * after the end of the generation. libc does not use the last ones. */
#define QUOTA_CPU_SIGNAL    SIGXCPU
#define QUOTA_TIME_SIGNAL   SIGRTMAX
#define QUOTA_TOTAL_SIGNAL  (SIGRTMAX - 1)
#define QUOTA_ORPHAN_SIGNAL (SIGRTMAX - 2)

/* The time beyond its limit that a process has for its crash handler, before
 * the generation kills it: the process may have blocked the signal. */
#define QUOTA_KILL_MARGIN_MS 2000

/* The signal of those that this one stands for, if it is of a timer that takes
 * the place of a usual one; else the same. Usable in a signal handler. */
int quota_signal(int signal);

/* That process, a generation and the parent of this one, watches the time of its
 * requests until it ends: QUOTA_ORPHAN_SIGNAL tells, whose handler calls
 * quota_orphaned. From then on, or without the first call, the process has a timer
 * of its own. quota: of the connection; NULL: there is none yet. */
void quota_watched(pid_t generation);
void quota_orphaned(struct quota *quota);

/* Puts QUOTA_ORPHAN_SIGNAL off, or lets it come: an execution takes its handler
 * away. */
void quota_put_off(bool is_put_off);

/* What a process may use in all, so that no limit of a request is cut short: a
 * last request begins when max_cpu_time is all but used, and each of its
 * handlers may use the same again. */
uint64_t quota_cpu_in_all_ms(const struct limits *limits, size_t handlers);

/* Whether this process has used max_cpu_time, so that its next request belongs
 * into another one. To be called before quota_begin. */
bool quota_is_spent(const struct limits *limits);

/* Called before and after a handler. page: gets the limits, for the generation;
 * both must live until quota_end. */
void quota_begin(struct quota *quota, const struct limits *limits,
    struct scoreboard_page *page);
void quota_end(struct quota *quota);

/* In the handler of a quota signal: whether the limit has passed. False: an
 * octet has moved since, and the timer was set anew. */
bool quota_is_over(struct quota *quota, int signal);

#endif
