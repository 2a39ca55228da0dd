/*
 * The filter of system calls (seccomp). The generation loads it, and every
 * connection inherits it; a second filter in each connection takes away the
 * calls that only other routes have declared. There are three kinds of calls.
 * Calls that handlers in plain C need are allowed. Calls that no handler may
 * make end the process by SIGSYS, so that the crash handler can name them. All
 * others, also calls of newer kernels, fail with ENOSYS, so that libc takes
 * another way.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_FILTER_H
#define PRONG_SANDBOX_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/argument.h"

/* Memory that must not be moved or grow. */
struct filter_span {
	const void *begin;
	size_t bytes; /* 0: none */
};

/* Whether this kernel has filters, and no policy refuses them; errno says why
 * not. */
bool filter_is_known(void);

/* Loads the filter for good, with the rules for arguments (argument.h). needs:
 * those of all handlers together (PRONG_NEEDS_... of handler.h). renews:
 * connections may also execute themselves afresh, until filter_confine takes
 * that away as PRONG_NEEDS_PROCESSES; makes_rulesets: and make rulesets of
 * Landlock, likewise. Requires no_new_privs. 0, or -1 and errno. */
int filter_load(uint64_t needs, bool renews, bool makes_rulesets,
    const struct filter_span *fixed);

/* In a process that was executed afresh, behind the filter: makes the functions
 * below work, and forbids for good to move or to grow that memory. 0, or -1 and
 * errno. */
int filter_resume(const struct filter_span *fixed);

/* The name of a system call that can end a process, for the crash handler;
 * NULL when the call cannot. Usable in a signal handler. */
const char *filter_name(int number);

/* The need that a handler must declare to be allowed that call; NULL when no
 * need permits it. Usable in a signal handler. */
const char *filter_permit(int number);

/* Calls that the generation's filter allows, and a connection's takes away. */
struct filter_loss {
	uint64_t needs; /* calls of these needs trap; without processes the
			 * limits of first_handler.h stay: EPERM */
	bool forks;	/* new processes, not threads: EAGAIN */
	bool signals;	/* Signals to other processes: EPERM, for kernels whose
			 * Landlock has no scopes. */
	enum argument_memory memory; /* what else it may not do: EACCES */
	bool descent;  /* MADV_DOFORK, PR_SET_CHILD_SUBREAPER: EPERM */
	bool rulesets; /* of Landlock, to be made: ENOSYS */
};

/* Called in a connection. Loads no filter when no call is taken away. 0, or -1
 * and errno. */
int filter_confine(const struct filter_loss *loss);

#endif
