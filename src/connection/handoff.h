/*
 * Handing back: a connection that cannot go on in its process, since the next
 * request's route has other rules, gives its socket and what it has read of
 * that request to the generation, which has a fresh process go on. Unread
 * octets travel in a memfd, which the generation passes on and never reads.
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

#include "base/address.h"

/* What the next process must know and cannot find out. */
struct handoff_facts {
	uint64_t requests;	       /* answered so far */
	struct address client, server; /* as a proxy may have named them */
	bool secure;
};

struct handoff {
	pid_t pid;		    /* the sender's, by the kernel's word */
	int socket, unread;	    /* close-on-exec; unread is a memfd */
	struct handoff_facts facts; /* the sender's word */
};

/* A pair: [0] receives, [1] sends. -1 and errno. */
int handoff_open(int fds[2]);

/* In the connection. 0, or -1 and errno. */
int handoff_send(int fd, int socket, const struct iovec *unread, int count,
    const struct handoff_facts *facts);

/* In the generation, without waiting: 1 for one that came, whose descriptors
 * are the caller's; 0 for none; -1 for one that is malformed, of which the
 * sender's pid alone is told. */
int handoff_receive(int fd, struct handoff *handoff);

/* In the next process: reads what is in the memfd, at most size octets, and
 * closes it. Their number, or -1 and errno (EFBIG: there are more). */
ssize_t handoff_read(int unread, char *data, size_t size);

#endif
