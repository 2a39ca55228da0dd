/*
 * The nudge: a signal by which the generation wakes one connection that waits
 * for a request. What it has to tell is in the page of the connection
 * (scoreboard.h). It is delivered inside that wait alone, so it interrupts no
 * handler, and it has no effect on a process that does not wait for it. Unlike a
 * descriptor it is nobody else's: what a connection does with it, and with all
 * that waits for it, costs that connection alone.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_NUDGE_H
#define PRONG_BASE_NUDGE_H

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/types.h>

/* Its default is to be ignored, so that it ends no process. */
#define NUDGE_SIGNAL SIGWINCH

/* In the generation, after signals_open: processes forked from here on can be
 * nudged. */
void nudge_open(void);

/* Nudges the process, which must not have been waited for: a connection, its
 * guardian, which passes the nudge on, or, in a signal handler, this one. */
void nudge_send(pid_t pid);

/* As poll(2), without a limit where timeout_ms is below 0, and a nudge ends it with EINTR, also one that came before. */
int nudge_poll(struct pollfd *fds, size_t count, int timeout_ms);

#endif
