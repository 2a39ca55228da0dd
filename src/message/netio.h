/*
 * Moves octets between this process and its client, and is the only file that
 * waits for one. Works on sockets, and for --once on pipes and files, where
 * the way in is not the way out.
 *
 * Functions return -1 with errno: ETIMEDOUT when the client took too long,
 * EPIPE or ECONNRESET when it has gone. Times are those of clock.h.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_NETIO_H
#define PRONG_MESSAGE_NETIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct pace;
struct scoreboard_page;

struct netio {
	int in, out;
	int lifeline; /* ends with the generation; -1: none */
	bool in_is_socket, out_is_socket;
	bool is_nonblocking;	      /* out, since the first sendfile */
	bool is_orphan;		      /* the lifeline was seen to have ended */
	struct scoreboard_page *page; /* counts the octets */
};

enum netio_event {
	NETIO_READY,
	NETIO_TIMED_OUT,
	NETIO_ORPHANED /* nothing to read, lifeline ended */
};

/* in and out are the same for a socket. The descriptors stay the caller's. */
void netio_init(struct netio *io, int in, int out, int lifeline,
    struct scoreboard_page *page);

/* Waits until there is something to read, or orphan_ms have passed since the
 * lifeline's end. */
enum netio_event netio_wait(struct netio *io, int64_t deadline_ms,
    int64_t orphan_ms);

/* Looks, without waiting, whether the lifeline has ended. */
bool netio_is_orphan(struct netio *io);

/* Reads what is there, at most size octets; -1 and EAGAIN when nothing is. */
ssize_t netio_read_now(struct netio *io, void *buffer, size_t size);

/* Reads at least one octet unless the client has ended: 0 then. */
ssize_t netio_read(struct netio *io, void *buffer, size_t size,
    int64_t deadline_ms);
ssize_t netio_read_paced(struct netio *io, void *buffer, size_t size,
    struct pace *pace);

/* Writes all of it; the vector is used up. more: other octets follow at once,
 * so that a packet need not go out half full. */
int netio_write(struct netio *io, struct iovec *iov, size_t count, bool more,
    struct pace *pace);

/* Writes a range of a file. ENODATA: the file ends before the range does. */
int netio_write_file(struct netio *io, int fd, uint64_t offset, uint64_t length,
    bool more, struct pace *pace);

/*
 * Says that nothing more will be sent and throws away what the client still
 * sends, until it ends, or bytes or time are used up. Closing a socket with
 * octets unread resets the connection, and the client might lose the response
 * that it has not read yet (RFC 9112 9.6).
 */
void netio_linger(struct netio *io, size_t max_bytes, int64_t deadline_ms);

#endif
