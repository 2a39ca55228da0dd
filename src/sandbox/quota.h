/*
 * Quotas of a request, by the limits of its route. Timers watch processor time
 * and time by the clock, and send a signal that the crash handler catches
 * (crash_handler.h). Memory and open files are bounds of the process
 * (bounds.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_QUOTA_H
#define PRONG_SANDBOX_QUOTA_H

#include <signal.h>
#include <stdint.h>

struct limits;
struct scoreboard_page;

/* The signals of the timers. libc does not use SIGRTMAX. */
#define QUOTA_CPU_SIGNAL  SIGXCPU
#define QUOTA_TIME_SIGNAL SIGRTMAX

/* The signal of those that this one stands for, if it is of a timer that takes
 * the place of a usual one; else the same. Usable in a signal handler. */
int quota_signal(int signal);

/* The time beyond its limit that a process has for its crash handler, before
 * the generation kills it: the process may have blocked the signal. */
#define QUOTA_KILL_MARGIN_MS 2000

/* Called before and after the handlers of a request. A limit that is not set
 * costs nothing. page: gets the deadline for the generation's watchdog. */
void quota_begin(const struct limits *limits, struct scoreboard_page *page);
void quota_end(const struct limits *limits, struct scoreboard_page *page);

#endif
