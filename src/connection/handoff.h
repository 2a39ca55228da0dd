/*
 * The handoff: a connection cannot go on in its process when the route of the
 * next request has other rules. The process then sends its socket and the
 * octets read of that request over its own hand-off socket, and ends; a fresh
 * process goes on with what lies in the queue. The octets travel in a memfd.
 *
 * The sender may be broken into. The only thing that is believed is a record of
 * facts at the head of the queue, sent before any handler ran: what lies in the
 * queue can be neither changed nor overtaken.
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
	int socket, unread; /* close-on-exec; unread is a memfd */
	uint64_t requests;  /* served so far; the sender's word */
};

/* A pair of stream sockets: [0] receives, [1] sends. 0, or -1 and errno. */
int handoff_open(int fds[2]);

/* Called by the connection before its first handler, when the next process
 * could not find out the facts itself. 0, or -1 and errno. */
int handoff_send_facts(int fd, const struct connection_facts *facts);

/* Called by the connection. 0, or -1 and errno. */
int handoff_send(int fd, int socket, const struct iovec *unread, int count,
    uint64_t requests);

/*
 * Called by the next process of the connection, after the previous one has
 * ended: takes the record of facts, if facts is not NULL, and the handoff, and
 * closes everything else in the queue, and fd. A close may wait for ever, so no
 * process that serves others calls this. 0: the caller owns the descriptors.
 * -1: the queue has no whole handoff.
 */
int handoff_receive(int fd, struct connection_facts *facts,
    struct handoff *handoff);

/* Closes what is in the queue, and lets nothing more in. As handoff_receive, it
 * may wait for ever. */
void handoff_drain(int fd);

/* The kernel's number of a socket, which no other one gets as long as the
 * system runs (SO_COOKIE); 0: it is no socket. */
uint64_t handoff_cookie(int socket);

/* Called by the next process: reads all octets of the memfd, at most size, and
 * closes it. The number of octets, or -1 and errno (EFBIG: there are more). */
ssize_t handoff_read(int unread, char *data, size_t size);

#endif
