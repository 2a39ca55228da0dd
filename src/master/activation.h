/*
 * Sockets that the service manager opened and passed: descriptors from 3 on,
 * named in the environment (sd_listen_fds(3)). The manager keeps them open, so
 * that they listen while the server restarts.
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
	bool is_warned;		/* logged that it is unused */
	char name[ACTIVATION_NAME_BYTES];
};

struct activation {
	struct passed_socket *sockets; /* malloc */
	size_t count;
};

/*
 * Takes the sockets that were passed to this process, and removes the variables
 * from the environment: LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES, or the one of
 * activation_export. The descriptors become close-on-exec and not blocking. 0,
 * also when no socket was passed or when they are for another process; -1 after
 * logging when a descriptor cannot be used: each must be a listening stream
 * socket of IPv4, IPv6 or Unix.
 */
int activation_take(struct activation *activation);

/* Removes the variables alone, for a process that does not listen. */
void activation_discard(void);

/* Closes all sockets; the manager's copies go on listening. */
void activation_free(struct activation *activation);

/* For another configuration: each socket can be found once more. */
void activation_begin(struct activation *activation);

/* The descriptor, still owned here, of a socket that gets the connections of
 * that address, or has that name, and was not found since activation_begin; -1
 * when there is none. A socket bound to [::] that takes IPv4, too, gets the
 * connections of 0.0.0.0. */
int activation_find(struct activation *activation,
    const struct address *address);
int activation_find_named(struct activation *activation, const char *name);

/* Whether a socket found before gets the connections of that address. Another
 * socket is not needed then, and could not be bound. */
bool activation_covers(const struct activation *activation,
    const struct address *address);

/* Whether that descriptor was passed: it is not closed then, and its path is
 * not unlinked. */
bool activation_owns(const struct activation *activation, int fd);

/* The different names, as text for messages: "\"http\", \"https\"", or "". */
void activation_join_names(const struct activation *activation, char *out,
    size_t size);

/* Logs a warning for each socket that was not found, once in its life. */
void activation_warn_unused(struct activation *activation);

/*
 * Names the sockets in the environment and lets them survive one execve in this
 * process, after which activation_take has them again, under the same numbers.
 * -1 with errno. activation_withdraw undoes this when the execve has failed.
 */
int activation_export(const struct activation *activation);
void activation_withdraw(const struct activation *activation);

#endif
