/*
 * The wait of a fiber: other fibers run meanwhile. A fiber that moves many octets
 * without a wait gives way now and then, too.
 *
 * It works for sockets alone, which must not wait themselves (MSG_DONTWAIT,
 * O_NONBLOCK). A nudge is loop_nudge of the watch.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_WAIT_FIBER_H
#define PRONG_MESSAGE_WAIT_FIBER_H

#include "fiber/loop.h"
#include "message/wait.h"

struct wait_fiber {
	struct wait wait; /* for netio_init */
	struct loop_watch watch;
};

/* Begins to watch the client's socket. -1 and errno. */
int wait_fiber_open(struct wait_fiber *wait, struct loop *loop, int fd);

/* Before the socket is closed or handed to another process. */
void wait_fiber_close(struct wait_fiber *wait);

#endif
