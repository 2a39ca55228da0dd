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
#include <sys/types.h>

/* The descriptors of a connection whose route has no max_open_files; and beyond
 * those that it inherits, if these are many. */
#define BOUNDS_OPEN_FILES 1024
#define BOUNDS_OWN_FILES  256

/* Called in the generation, before its sandbox forbids to read /proc: finds how
 * much memory is mapped, without apart octets, which connections do not
 * inherit, and how many threads and processes the user can have; and leaves one
 * half of the pending signals of the user to the master. */
void bounds_open(size_t apart);

/* What bounds_open and bounds_note_open have found of the server. */
struct bounds_server {
	uint64_t most_open_files, inherited, tasks;
};
struct bounds_server bounds_server(void);

/* Instead of bounds_open in a process that was executed afresh: its own memory is
 * what counts. */
void bounds_resume(const struct bounds_server *server);

/* Called in the generation: its connections inherit descriptors with numbers
 * below this one. */
void bounds_note_open(size_t below);

/* After bounds_open: the descriptors that a connection may have open if its
 * route wants that many; 0: no number. At most one half of those of the
 * generation, so that connections cannot use up the descriptors in flight of
 * their user. */
uint64_t bounds_open_files(uint64_t wanted);

/* Called in a connection before it reads, where others rely on that half: until
 * bounds_enter it has all of it. */
void bounds_share_files(void);

struct bounds {
	uint64_t max_memory_bytes, max_open_files; /* 0: no limit */
	uint64_t max_cpu_ms;			   /* in all; 0: no limit */
	bool counts_shared; /* memory that is shared, also: not for programs
			     * that reserve addresses which they never use */
	bool starts; /* threads or processes: as long as the user has less than
		      * one half of all that there can be */
};

/*
 * Called in a connection. The kernel kills the process, and each that it starts,
 * one to two seconds beyond max_cpu_ms of its own: the kernel's unit is a second,
 * and blocked signals do not help. 0, or -1 and errno.
 */
int bounds_enter(const struct bounds *bounds);

/* Whether a child that SIGKILL has ended, and for which nobody has waited yet, had
 * used the processor time that bounds_enter lets it have for that max_cpu_ms. The
 * time of its own children for which it has waited counts, too. A child that has
 * lowered its limit has not. */
bool bounds_are_used_up(pid_t child, uint64_t max_cpu_ms);

#endif
