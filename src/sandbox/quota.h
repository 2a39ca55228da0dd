/*
 * Quotas: what a request may use up, as its route's limits say. Processor time
 * and time by the clock are watched by timers that end the process with a
 * signal, which the crash handler catches (crash_handler.h); memory and open files
 * are the kernel's limits, which a process cannot raise again, so they belong
 * to the rules of its sandbox.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_QUOTA_H
#define PRONG_SANDBOX_QUOTA_H

#include <signal.h>
#include <stdint.h>

struct limits;
struct scoreboard_page;

/* The signals that the timers send. Nothing in libc uses the last one. */
#define QUOTA_CPU_SIGNAL  SIGXCPU
#define QUOTA_TIME_SIGNAL SIGRTMAX

/* How long beyond its time a process has for its crash handler, before the
 * generation ends it: the process may have blocked the signal. */
#define QUOTA_KILL_MARGIN_MS 2000

/* For a process, for good: 0, or -1 and errno. 0 bytes, 0 files: no limit. */
int quota_confine(uint64_t max_memory_bytes, uint64_t max_open_files);

/* Before and after the handlers of a request. A limit that is not set costs
 * nothing. page: where the generation looks. */
void quota_begin(const struct limits *limits, struct scoreboard_page *page);
void quota_end(const struct limits *limits, struct scoreboard_page *page);

#endif
