/*
 * System calls by name, as libseccomp has them: those that every handler may
 * use, those that it must declare, and those that none may use. All others are
 * in no list.
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

/* Calls that only handlers may use which have declared the need. */
struct syscalls_group {
	uint64_t need;	  /* PRONG_NEEDS_... */
	const char *name; /* of the need, as authors of handlers write it */
	struct syscalls calls;
};

#define SYSCALLS_GROUPS 2

/* At most so many calls are in groups and forbidden. */
#define SYSCALLS_TRAPPED_MAX 128

extern const struct syscalls syscalls_base, syscalls_forbidden;
extern const struct syscalls_group syscalls_groups[SYSCALLS_GROUPS];

#endif
