/*
 * The filter of system calls (seccomp), which the generation puts on and every
 * connection inherits; a second one of the connection's own takes away the
 * calls that only other routes have declared. There are three kinds of calls:
 * those that handlers in plain C need are let through; those that none may use
 * end the process by SIGSYS, so that the crash handler can name them; all
 * others, and those that newer kernels bring, fail with ENOSYS, so that libc
 * takes another way.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_FILTER_H
#define PRONG_SANDBOX_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Memory that must stay where it is, and no larger. */
struct filter_span {
	const void *begin;
	size_t bytes; /* 0: none */
};

/* Whether this kernel has filters at all. */
bool filter_is_known(void);

/* Puts it on for good; needs are those of all handlers together (PRONG_NEEDS_
 * of the contract). Needs no_new_privs. 0, or -1 and errno. */
int filter_load(uint64_t needs, const struct filter_span *fixed);

/* The name of a system call that can end a process, for the crash handler:
 * usable in a signal handler. NULL when it is none. */
const char *filter_name(int number);

/* The need that a handler must declare to be allowed that call; NULL when
 * nothing permits it. Usable in a signal handler. */
const char *filter_permit(int number);

/* Calls that the first filter lets through, and a second one takes away. */
struct filter_loss {
	uint64_t needs; /* their calls trap from here on */
	bool forks;	/* new processes, not threads: EAGAIN */
	bool signals;	/* to other processes than this one:
					   EPERM, for kernels whose Landlock
					   knows no scopes */
};

/* In a connection. Nothing is put on where there is nothing to take away. 0, or
 * -1 and errno. */
int filter_confine(const struct filter_loss *loss);

#endif
