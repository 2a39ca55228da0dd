/*
 * The process that listens at an address which this one cannot have: found in
 * /proc, for a message or for a comparison. What /proc does not show to this
 * user stays unknown.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_HOLDER_H
#define PRONG_MASTER_HOLDER_H

#include <stdbool.h>
#include <sys/types.h>

struct address;

/* Room for the longest text of holder_describe, with its NUL. */
#define HOLDER_TEXT_BYTES 128

struct holder {
	pid_t pid;     /* the eldest that has the socket; 0: unknown */
	uid_t uid;     /* of the process that made the socket */
	char name[32]; /* as in comm of proc(5), printable; "" if unknown */
};

/* Finds who listens where that IP address cannot be bound. False when /proc
 * shows nobody. */
bool holder_find(const struct address *address, struct holder *holder);

/* Whether that process has the socket, perhaps beside others. */
bool holder_is(const struct address *address, pid_t pid);

/* Writes "nginx (process 17) listens there", "a process of user id 33 listens
 * there" or "another process listens there". Returns text. */
const char *holder_describe(const struct address *address,
    char text[HOLDER_TEXT_BYTES]);

#endif
