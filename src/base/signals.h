/*
 * Signals of the master and the generation: handlers only note them, and they
 * are delivered only while the process waits in signals_poll, so nothing is
 * ever interrupted half-way.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_SIGNALS_H
#define PRONG_BASE_SIGNALS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Blocks and catches SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1; ignores SIGPIPE. */
void signals_open(void);

/* In a forked child: those caught have their default action again. SIGPIPE
 * stays ignored. */
void signals_reset(void);

/* ppoll(2) until an event, a signal or until_ms of clock_ms (INT64_MAX: for
 * ever). The number of events, 0 for none or a signal, -1 and errno. */
int signals_poll(struct pollfd *fds, size_t count, int64_t until_ms);

/* Whether that signal came since it was last asked. */
bool signals_take(int signal);

#endif
