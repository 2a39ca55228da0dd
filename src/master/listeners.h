/*
 * The listeners of a snapshot: sockets that the master opens, or gets from the
 * service manager. It keeps them open, so that no client is refused while
 * generations are replaced. A reload keeps the listeners that both
 * configurations have; it opens new ones before the next generation starts, and
 * closes the other old ones after that generation took over.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_LISTENERS_H
#define PRONG_MASTER_LISTENERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "master/listener.h"

struct activation;
struct snapshot;

struct listeners {
	struct listener *all;
	size_t count;
};

/* Fills *next with the listeners of the snapshot. Each is a socket that was
 * passed or is in now; if neither has it, it is opened. If another process
 * listens at an IP address, it is tried again until until_ms of clock_ms. -1
 * after logging, with *next empty. */
int listeners_open(struct listeners *next, const struct listeners *now,
    const struct snapshot *set, struct activation *passed, int64_t until_ms);

/* Closes the listeners, except those that are also in kept (which may be NULL)
 * or were passed; removes the paths that are still their own; frees the list. */
void listeners_close(struct listeners *listeners, const struct listeners *kept,
    const struct activation *passed);

/* Closes the listeners in a process whose descriptors are copies of another's:
 * no path is unlinked, and sockets that were passed are closed, too. Frees the
 * list. */
void listeners_drop(struct listeners *listeners);

/* The address of a listener, for people: in a static buffer, which the next
 * call overwrites. */
const char *listeners_where(const struct listeners *listeners, size_t index);

bool listeners_have(const struct listeners *listeners, int fd);

/* Has those that are not in kept, and whose clients one in kept gets from now on,
 * take no more (listener_take_no_more). Whether there are any. */
bool listeners_hand_on(const struct listeners *listeners,
    const struct listeners *kept);

/* Has those that are not in kept (NULL: all), and at which clients are about to
 * connect (handshakes.h), take no more. Whether there are any. Not those that were
 * passed: they go on without this process. */
bool listeners_let_finish(const struct listeners *listeners,
    const struct listeners *kept, const struct activation *passed);

/* Has them give connections as listener_defer says. */
void listeners_defer(const struct listeners *listeners, bool is_deferred);

/* All descriptors, in the order of the list, in an array that the caller frees.
 * NULL after logging. */
int *listeners_descriptors(const struct listeners *listeners);

/* Adds a listener with that text, and owns it then. -1 and errno. */
int listeners_add(struct listeners *listeners, const char *text,
    const struct listener *listener);

#endif
