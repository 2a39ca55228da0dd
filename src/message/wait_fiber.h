/*
 * The wait of a fiber: other fibers run meanwhile. A fiber that moves many octets
 * without a wait gives way now and then, too.
 *
 * A handler on a fiber is held to its limits of time where it waits: nothing can
 * end it in the midst of its work. max_request_total is a deadline of each wait.
 * max_request_time, for which waits for the client do not count, is looked at
 * where a wait begins: its handler must not have worked for longer since the last
 * wait, unless octets have moved.
 *
 * It works for sockets alone, which must not wait themselves (MSG_DONTWAIT,
 * O_NONBLOCK). A nudge is loop_nudge of the watch.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_WAIT_FIBER_H
#define PRONG_MESSAGE_WAIT_FIBER_H

#include <stdbool.h>
#include <stdint.h>

#include "fiber/loop.h"
#include "message/wait.h"

struct wait_fiber {
	struct wait wait; /* for netio_init */
	struct loop_watch watch;

	/* Called before each wait and around each handler: what the page of the
	 * scoreboard says is to be shown to others. NULL: they see the page. The
	 * caller sets it after wait_fiber_open. */
	void (*show)(struct wait_fiber *wait);

	uint64_t
	    begun; /* the turn before which a request has begun; 0: unknown */

	/* Of the handler at work. */
	int64_t total_at_ms;	/* INT64_MAX: no limit */
	int64_t max_work_ms;	/* 0: no limit */
	int64_t worked_from_ms; /* the last wait has ended */
	bool has_moved;		/* octets, since then */
	const char *exceeded;	/* the setting; NULL: none */
};

/* Begins to watch the client's socket. -1 and errno. */
int wait_fiber_open(struct wait_fiber *wait, struct loop *loop, int fd);

/* Before the socket is closed. If another process has it, too, loop_unwatch comes
 * first. */
void wait_fiber_close(struct wait_fiber *wait);

#endif
