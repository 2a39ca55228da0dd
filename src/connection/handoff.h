/*
 * The handoff: a connection cannot go on in its process when the route of the
 * next request has other rules. The process then leaves the octets read of that
 * request in memory that the next process of the connection has, too, and ends.
 * No descriptor is sent: the porter has kept the client's socket
 * (generation/porter.h).
 *
 * The process before may be broken into. Its octets are those of a client, who
 * is not trusted either, and its count of requests harms no other connection.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_HANDOFF_H
#define PRONG_CONNECTION_HANDOFF_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

/* In shared memory, zeros at first (statement.h). */
struct handoff {
	uint64_t requests; /* served so far */
	uint64_t length;   /* of the octets */
	uint64_t is_left;  /* 0: there is no handoff */
	uint64_t pool;	   /* 1 + that of the route, if it has a ceiling; 0 */
	char octets[];
};

/* The memory for so many octets. */
size_t handoff_bytes(size_t octets);

/* Called by the connection: leaves the octets of these pieces, at most size. 0,
 * or -1 and EMSGSIZE. */
int handoff_leave(struct handoff *handoff, size_t size,
    const struct iovec *unread, size_t count, uint64_t requests);

/*
 * Called by the next process of the connection, before its first handler, for
 * memory of size octets: copies them to data, and the count to *requests. The
 * number of octets, or -1 and errno: ENODATA (there is no handoff), EMSGSIZE
 * (its length is false).
 */
ssize_t handoff_take(const struct handoff *handoff, size_t size, char *data,
    uint64_t *requests);

#endif
