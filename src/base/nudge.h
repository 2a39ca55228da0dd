/*
 * The nudge: a signal by which the generation wakes one connection that waits
 * for a request. It is delivered inside that wait alone, so it interrupts no
 * handler, and it has no effect on a process that does not wait for it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_NUDGE_H
#define PRONG_BASE_NUDGE_H

#include <poll.h>
#include <stddef.h>
#include <sys/types.h>

/* In the generation, after signals_open: processes forked from here on can be
 * nudged. */
void nudge_open(void);

/* Nudges the process; it must not have been waited for. */
void nudge_send(pid_t pid);

/* As poll(2), and a nudge ends it with EINTR, also one that came before. */
int nudge_poll(struct pollfd *fds, size_t count, int timeout_ms);

#endif
