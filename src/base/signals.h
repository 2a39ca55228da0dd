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

/* Blocks and catches SIGCHLD, SIGTERM, SIGINT, SIGHUP and SIGUSR1; ignores
 * SIGPIPE. */
void signals_open(void);

/* Blocks another signal, which stays blocked after signals_reset. */
void signals_block(int signal);

/* In a forked child: gives the caught signals their default action again.
 * SIGPIPE stays ignored. */
void signals_reset(void);

/* Waits by ppoll(2) for an event, a signal or the time until_ms of clock_ms
 * (INT64_MAX: no limit). The number of events, 0 for none or a signal, or -1
 * and errno. */
int signals_poll(struct pollfd *fds, size_t count, int64_t until_ms);

/* Whether the signal was delivered since the last call for it. */
bool signals_take(int signal);

#endif
