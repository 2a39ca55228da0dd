/*
 * System calls by their names in libseccomp: the calls that every handler may
 * make, those that a handler must declare, and those that no handler may make.
 * All other calls are in no list.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_SYSCALLS_H
#define PRONG_SANDBOX_SYSCALLS_H

#include <stddef.h>
#include <stdint.h>

struct syscalls {
	const char *const *names;
	size_t count;
};

/* Calls for handlers that have declared the need. */
struct syscalls_group {
	uint64_t need;	  /* PRONG_NEEDS_... */
	const char *name; /* of the need, as in the source of a handler */
	struct syscalls calls;
};

#define SYSCALLS_GROUPS 2

/* The largest number of calls that are in groups or forbidden. */
#define SYSCALLS_TRAPPED_MAX 128

extern const struct syscalls syscalls_base, syscalls_rulesets,
    syscalls_forbidden;
extern const struct syscalls_group syscalls_groups[SYSCALLS_GROUPS];

#endif
