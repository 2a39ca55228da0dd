/*
 * How a connection waits for its client. In a process of its own it polls
 * (wait_poll.h); on a fiber it lets the fibers of other clients run
 * (wait_fiber.h). Only netio calls these functions.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_WAIT_H
#define PRONG_MESSAGE_WAIT_H

#include <stddef.h>
#include <stdint.h>

struct limits;
struct wait;

struct wait_methods {
	/* Waits for POLLIN or POLLOUT until the deadline, after a call has said
	 * EAGAIN. 0, or -1 and errno: ETIMEDOUT. */
	int (*for_client)(struct wait *wait, int fd, short events,
	    int64_t deadline_ms);

	/* Waits for the first octet of a request, or the end of the client. 0, or
	 * -1 and errno: ETIMEDOUT; EINTR after a nudge (nudge.h); EAGAIN after
	 * something else that the process has to do; ECANCELED where the
	 * connection is to rest, and its memory to be used for others. */
	int (*for_request)(struct wait *wait, int fd, int64_t deadline_ms);

	/* After a call has moved n octets; size were wanted, if it has read.
	 * Keeps errno. NULL: nothing is done. */
	void (*moved)(struct wait *wait, short events, size_t size, size_t n);

	/* Before a handler is called: its request's limits of time hold for the
	 * waits for the client from here on, whose errno may be ETIME then. NULL:
	 * other means hold it to them (sandbox/quota.h). */
	void (*limit)(struct wait *wait, const struct limits *limits);

	/* After the handler has returned. The setting beyond which it was, and
	 * which has ended its waits since; NULL: none has. NULL as limit is. */
	const char *(*lift)(struct wait *wait);

	/* Lets other clients have their turn, for that long. 0, or -1 and ETIME, as
	 * limit is. NULL: there are none. */
	int (*pause)(struct wait *wait, int64_t ms);

	/* What the page of the scoreboard says is to be shown to others. NULL: they
	 * see the page. */
	void (*show)(struct wait *wait);

	/* The number of the turn: it changes when the kernel is asked for events, and
	 * is never 0. NULL: there are no turns. */
	uint64_t (*turn)(const struct wait *wait);

	/* The turn before which the request has begun to arrive, as the wait for it
	 * was ended by its first octet: once, and 0 for another request. NULL, as
	 * turn is. */
	uint64_t (*begun)(struct wait *wait);

	/* The most octets of a file that one system call is to send. */
	uint64_t max_file_octets;
};

/* The first member of what a way to wait knows. */
struct wait {
	const struct wait_methods *methods;
	/* A wait for a request is at most so long, if its deadline is later, and
	 * fails with ECANCELED then: the connection can go on elsewhere, or without
	 * a fiber. 0: none does. */
	int64_t rest_after_ms;
};

static inline void
wait_moved(struct wait *wait, short events, size_t size, size_t n)
{
	if (wait->methods->moved)
		wait->methods->moved(wait, events, size, n);
}

#endif
