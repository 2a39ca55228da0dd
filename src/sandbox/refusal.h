/*
 * Refusals: calls that fail with an errno instead of ending the process, and
 * their lines in the log. A rule for arguments makes the kernel send SIGSYS with
 * the errno; the process logs the call, sets its result and goes on. Undeclared
 * processes and threads fail by a limit of the kernel, and are noticed before or in
 * the functions of libc that start them, whose places are taken here.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_REFUSAL_H
#define PRONG_SANDBOX_REFUSAL_H

#include <signal.h>
#include <stdbool.h>

/* For the handler of SIGSYS: whether the call was refused by its arguments;
 * then its result is set, and the process can go on. handler: its name, or
 * NULL. Each call is logged once in a process, at level info. */
bool refusal_take(const siginfo_t *info, void *context, const char *handler);

/* From here on a fork fails, and a thread unless threads are permitted. Each is
 * logged at level info with the declaration that would permit it, and with the
 * route of the handler at work (job.h), else this one, which must live as long as
 * the process. */
void refusal_expect_forks(const char *route, bool permits_threads);

/* Called once, before any refusal_expect_forks. 0, or -1 and errno. */
int refusal_open(void);

#endif
