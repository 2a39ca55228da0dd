/*
 * The handoff: a connection that cannot go on in its process, since the next
 * request's route has other rules, gives its socket, its facts, and the octets
 * read of that request to the generation, which has a fresh process go on.
 * These unread octets travel in a memfd, which the generation passes on and
 * never reads.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_HANDOFF_H
#define PRONG_CONNECTION_HANDOFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "message/connection_facts.h"

struct handoff {
	pid_t pid;		       /* of the sender, as the kernel tells */
	int socket, unread;	       /* close-on-exec; unread is a memfd */
	struct connection_facts facts; /* as the sender tells */
};

/* A pair: [0] receives, [1] sends. -1 and errno. */
int handoff_open(int fds[2]);

/* In the connection. 0, or -1 and errno. */
int handoff_send(int fd, int socket, const struct iovec *unread, int count,
    const struct connection_facts *facts);

/* In the generation, without waiting: 1 when a connection came, whose
 * descriptors are then the caller's; 0 when there is none; -1 when a message is
 * malformed: then pid alone is set. */
int handoff_receive(int fd, struct handoff *handoff);

/* In the next process: reads what is in the memfd, at most size octets, and
 * closes it. Their number, or -1 and errno (EFBIG: there are more). */
ssize_t handoff_read(int unread, char *data, size_t size);

#endif
