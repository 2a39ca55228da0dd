/*
 * What the kernel is asked for events by (epoll).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_FIBER_POLLER_H
#define PRONG_FIBER_POLLER_H

#include <stdbool.h>
#include <sys/epoll.h>

#include "base/ratelimit.h"

struct poller {
	int epoll;
	uint64_t waits;
	struct ratelimit not_added;
};

/* -1 and errno. */
int poller_open(struct poller *poller);
void poller_close(struct poller *poller);

/* Level-triggered; an event wakes one of the processes that wait. -1 and errno. */
int poller_add_listener(struct poller *poller, int fd, void *data);

/* Edge-triggered; the first edge tells of what is there already. -1 after
 * logging. */
int poller_add_client(struct poller *poller, int fd, void *data);
void poller_remove(struct poller *poller, int fd);

/* Waits, and lets signals in meanwhile; timeout_ms: -1 for ever. The number of
 * events; -1 and errno. */
int poller_wait(struct poller *poller, struct epoll_event *events, int max,
    int timeout_ms);

/* Whether a signal came in, after waits that none has ended: the kernel delivers none
 * as long as each has events, or must not last. Looks now and then. */
bool poller_has_signal(struct poller *poller);

#endif
