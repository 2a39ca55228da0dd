/*
 * Leftovers: what a handler's function open has changed in the process, and no
 * connection gets, or all other handlers get. What can be restored is.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_LEFTOVERS_H
#define PRONG_PLUGIN_LEFTOVERS_H

#include <signal.h>
#include <stdbool.h>
#include <sys/time.h>
#include <sys/types.h>

struct handler;
struct report;

#define LEFTOVERS_TIMERS 3

struct leftovers {
	int folder; /* the working folder, open; -1: it cannot be */
	mode_t umask;
	sigset_t mask;
	struct itimerval timers[LEFTOVERS_TIMERS];

	/* In the plugin check alone. */
	bool is_test;
	char *locale;
	int free_descriptor;
	bool has_children;
};

/* Before open is called. */
void leftovers_begin(struct leftovers *before, bool is_test);

/* Afterwards: restores the working folder, umask, mask of signals and timers of
 * setitimer(2). In a test all that was left is warned about. */
void leftovers_end(struct leftovers *before, const struct handler *handler,
    struct report *report);

#endif
