/*
 * Moves octets between this process and its client. Only this module, which
 * waits by wait.h, and the crash handler wait for a client. Works on sockets; for --once also on pipes
 * and files, where in and out differ.
 *
 * Functions return -1 with errno: ETIMEDOUT when the client took too long,
 * EPIPE or ECONNRESET when it has gone, ETIME when the handler took too long
 * (netio_limit). Times are those of clock.h.
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

struct limits;
struct pace;
struct scoreboard_page;
struct wait;

struct netio {
	int in, out;
	bool in_is_socket, out_is_socket;
	bool is_nonblocking; /* out is, since the first sendfile */
	bool out_is_shared;  /* another process can change that */
	bool is_fault_told;  /* to the administrator (socket_fault.h) */
	/* The parent, which has the socket until the release in the page; 0:
	 * none. The first octets are not handed out before. */
	pid_t holder;
	struct scoreboard_page *page; /* has counts of octets */
	struct wait *wait;	      /* how it waits for the client */
};

enum netio_event {
	NETIO_READY,
	NETIO_TIMED_OUT,
	NETIO_ORPHANED, /* no octet, and the generation stops or has ended, or it
			 * has told this connection to end */
	NETIO_RESTS	/* no octet, and others need the memory (wait.h) */
};

/* in and out are the same for a socket alone. The caller keeps the descriptors. */
void netio_init(struct netio *io, int in, int out, struct scoreboard_page *page,
    struct wait *wait);

/* Before a handler is called, and after it has returned: its limits of time hold
 * for its waits. False: the process is held to them by other means (quota.h).
 * netio_lift returns the setting that has ended a wait; NULL: none has. */
bool netio_limit(struct netio *io, const struct limits *limits);
const char *netio_lift(struct netio *io);

/* Lets other clients of the process have their turn, for that long; where it has
 * none, it sleeps. 0, or -1 and ETIME beyond a limit of time. */
int netio_pause(struct netio *io, int64_t ms);

/* The number of the turn, and the turn before which the next request has begun to
 * arrive (wait.h); 0: there are no turns, and nothing is known. */
uint64_t netio_turn(const struct netio *io);
uint64_t netio_begun(struct netio *io);

/* What the page says is to be shown to others, if they do not see it. */
void netio_show(struct netio *io);

/* Waits for octets or the end of the client until the deadline, but at most
 * orphan_ms after the generation stops or has ended. */
enum netio_event netio_wait(struct netio *io, int64_t deadline_ms,
    int64_t orphan_ms);

/* Whether the generation stops, as the page says, or has ended. */
bool netio_is_orphan(const struct netio *io);

/* Reads at most size octets without waiting; -1 and EAGAIN: there are none. */
ssize_t netio_read_now(struct netio *io, void *buffer, size_t size);

/* Waits for at least one octet and reads. 0: the client has closed. */
ssize_t netio_read(struct netio *io, void *buffer, size_t size,
    int64_t deadline_ms);
ssize_t netio_read_paced(struct netio *io, void *buffer, size_t size,
    struct pace *pace);

/* Writes all octets and changes the vector. more: other octets follow at once,
 * so the kernel need not send a packet that is half full. */
int netio_write(struct netio *io, struct iovec *iov, size_t count, bool more,
    struct pace *pace);

/* A range of a file. */
struct netio_range {
	int fd;
	uint64_t at, end;
	uint64_t
	    resident; /* up to there it was seen in memory just now; or 0 */
	bool is_cold; /* a part was not in memory; at first false */
};

/* Writes a range of a file. ENODATA: the file ends within the range. */
int netio_write_file(struct netio *io, const struct netio_range *range,
    bool more, struct pace *pace);

/*
 * Closes the sending side and discards the client's octets, until the client
 * closes, max_bytes are discarded or the deadline has passed. A close with
 * unread octets would reset the connection, and the client might lose a
 * response that it has not read yet (RFC 9112 9.6).
 */
void netio_linger(struct netio *io, size_t max_bytes, int64_t deadline_ms);

#endif
