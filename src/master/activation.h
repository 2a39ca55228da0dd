/*
 * Sockets that the service manager opened and passed: descriptors from 3 on,
 * told of in the environment (sd_listen_fds(3)). They stay the manager's, who
 * keeps them listening while the server restarts.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_ACTIVATION_H
#define PRONG_MASTER_ACTIVATION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"

#define ACTIVATION_MAX 256

/* FileDescriptorName= of systemd.socket(5), with NUL. */
#define ACTIVATION_NAME_BYTES 256

struct passed_socket {
	int fd;
	struct address address; /* where it is bound */
	bool is_dual;		/* [::] that takes IPv4, too */
	bool is_used;		/* found since activation_begin */
	bool is_warned;		/* that nobody uses it */
	char name[ACTIVATION_NAME_BYTES];
};

struct activation {
	struct passed_socket *sockets; /* malloc */
	size_t count;
};

/*
 * Takes what was passed to this process, and the variables out of the
 * environment: LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES, or what
 * activation_export has left. The descriptors become close-on-exec and not
 * blocking. 0, also when nothing was passed or when it is for another process;
 * -1 after logging when it cannot be used: each must be a listening stream
 * socket of IPv4, IPv6 or Unix.
 */
int activation_take(struct activation *activation);

/* Takes the variables alone, for who does not listen. */
void activation_discard(void);

/* Closes them all; for the manager they go on listening. */
void activation_free(struct activation *activation);

/* From here on each can be found once again: for another configuration. */
void activation_begin(struct activation *activation);

/* The descriptor, still owned here, of a socket that gets what comes for that
 * address, or of that name, which was not found before; -1 when there is none.
 * A socket bound to [::] that takes IPv4, too, gets that of 0.0.0.0. */
int activation_find(struct activation *activation,
    const struct address *address);
int activation_find_named(struct activation *activation, const char *name);

/* Whether a socket found before gets what comes for that address, which then
 * needs none of its own and could not have one. */
bool activation_covers(const struct activation *activation,
    const struct address *address);

/* Whether it was passed: such a one is not closed, and its path not unlinked. */
bool activation_owns(const struct activation *activation, int fd);

/* The different names, as text for messages: "\"http\", \"https\"", or "". */
void activation_join_names(const struct activation *activation, char *out,
    size_t size);

/* Warns of each that was not found, once in its life. */
void activation_warn_unused(struct activation *activation);

/*
 * Puts them into the environment and lets them survive one execve in this
 * process, after which activation_take has them again, under the same numbers.
 * -1 with errno. activation_withdraw undoes it when the execve has failed.
 */
int activation_export(const struct activation *activation);
void activation_withdraw(const struct activation *activation);

#endif
