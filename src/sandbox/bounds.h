/*
 * Bounds: limits of the kernel that a process cannot raise again. They hold
 * memory and descriptors of a connection, and its share of what the kernel
 * counts for a user as a whole.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_BOUNDS_H
#define PRONG_SANDBOX_BOUNDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The descriptors of a connection whose route has no max_open_files. */
#define BOUNDS_OPEN_FILES 1024

/* Called in the generation, before its sandbox forbids to read /proc: finds how
 * much memory is mapped, without apart octets, which connections do not
 * inherit; and leaves one half of the pending signals of the user to the
 * master. */
void bounds_open(size_t apart);

struct bounds {
	uint64_t max_memory_bytes, max_open_files; /* 0: no limit */
	uint64_t max_cpu_ms;			   /* in all; 0: no limit */
	bool counts_shared; /* memory that is shared, also: not for programs
			     * that reserve addresses which they never use */
};

/*
 * Called in a connection. The kernel kills the process, and each that it starts,
 * one to two seconds beyond max_cpu_ms of its own: the kernel's unit is a second,
 * and blocked signals do not help. 0, or -1 and errno.
 */
int bounds_enter(const struct bounds *bounds);

#endif
