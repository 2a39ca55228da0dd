/*
 * The handoff: a connection cannot go on in its process when the route of the
 * next request has other rules. The process then sends the generation the
 * socket, the facts, and the octets read of that request; a fresh process goes
 * on. The octets travel in a memfd, which the generation never reads.
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
	pid_t pid;		       /* of the sender, by the kernel */
	int socket, unread;	       /* close-on-exec; unread is a memfd */
	struct connection_facts facts; /* from the sender: not proven */
};

/* A pair of sockets: [0] receives, [1] sends. 0, or -1 and errno. */
int handoff_open(int fds[2]);

/* Called by the connection. 0, or -1 and errno. */
int handoff_send(int fd, int socket, const struct iovec *unread, int count,
    const struct connection_facts *facts);

/* Called by the generation; does not wait. 1: a connection came, and the caller
 * owns its descriptors. 0: none came. -1: a message was malformed; only pid is
 * valid then. */
int handoff_receive(int fd, struct handoff *handoff);

/* The same, called by a guardian (guardian.h): pid is not asked for. Then sends
 * it on, as this process's own: 0, or -1 and errno. */
int handoff_receive_from_child(int fd, struct handoff *handoff);
int handoff_pass_on(int fd, const struct handoff *handoff);

/* Called by the next process: reads all octets of the memfd, at most size, and
 * closes it. The number of octets, or -1 and errno (EFBIG: there are more). */
ssize_t handoff_read(int unread, char *data, size_t size);

#endif
