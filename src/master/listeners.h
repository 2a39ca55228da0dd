/*
 * The listeners of a snapshot: sockets that the master opens once, or gets from
 * the service manager, and keeps, so that no client is refused while generations
 * come and go. At a reload those that stay are kept as they are; others are opened
 * before the next generation starts and closed after it took over.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_LISTENERS_H
#define PRONG_MASTER_LISTENERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct activation;
struct snapshot;

struct listeners {
	struct listener {
		char *text; /* as the configuration has it */
		int fd;
	} * all;
	size_t count;
};

/* Those of the set: taken from what was passed or from now, where these have
 * them, else opened. An IP address at which another process listens is tried until
 * until_ms of clock_ms. -1 after logging: *next is empty then. */
int listeners_open(struct listeners *next, const struct listeners *now,
    const struct snapshot *set, struct activation *passed, int64_t until_ms);

/* Closes them but for those that are in kept, too, or were passed; frees the
 * list. */
void listeners_close(struct listeners *listeners, const struct listeners *kept,
    const struct activation *passed);

/* Closes them in a process with a copy of what another uses: no path is unlinked,
 * and what was passed is closed, too. Frees the list. */
void listeners_drop(struct listeners *listeners);

/* Where one of them listens, for people: in a buffer of its own, overwritten by
 * the next call. */
const char *listeners_where(const struct listeners *listeners, size_t index);

bool listeners_have(const struct listeners *listeners, int fd);

/* The descriptors of all, in their order, in an array that the caller frees.
 * NULL after logging. */
int *listeners_descriptors(const struct listeners *listeners);

/* Takes over a descriptor that listens already. -1 and errno. */
int listeners_add(struct listeners *listeners, const char *text, int fd);

#endif
