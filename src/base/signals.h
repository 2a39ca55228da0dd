/*
 * Signals of the master and the generation. A signal handler only sets a flag,
 * and signals are delivered only in signals_poll, so they interrupt no other
 * code.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_SIGNALS_H
#define PRONG_BASE_SIGNALS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Ends of children that are noted between two calls of signals_ended. */
#define SIGNALS_ENDED_MAX 16

/* Blocks and catches SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1 and SIGUSR2;
 * ignores SIGPIPE. 0, or -1 after a line in the log: a process without them
 * notices no end of a child. */
int signals_open(void);

/* Blocks another signal, which stays blocked after signals_reset. */
void signals_block(int signal);

/* In a forked child: gives the caught signals their default action again.
 * SIGPIPE stays ignored. */
void signals_reset(void);

/* Waits by ppoll(2) for an event, a signal or the time until_ms of clock_ms
 * (INT64_MAX: no limit). The number of events, 0 for none or a signal, or -1
 * and errno. */
int signals_poll(struct pollfd *fds, size_t count, int64_t until_ms);

/* Waits that long, or until a signal comes, where ppoll(2) fails. */
void signals_sleep(int64_t ms);

/* Whether the signal was delivered since the last call for it. */
bool signals_take(int signal);

/* The children that sent the SIGCHLD delivered since the last call; returns their
 * number. The kernel merges signals of one kind that wait, so that others may
 * have ended, too. */
size_t signals_ended(pid_t pids[SIGNALS_ENDED_MAX]);

#endif
