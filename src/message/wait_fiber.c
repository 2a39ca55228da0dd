/* SPDX-License-Identifier: ISC */
#include "message/wait_fiber.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/epoll.h>

#include "base/log.h"

/* The other fibers wait for as long as the kernel sends so many. */
#define MAX_FILE_OCTETS (UINT64_C(256) * 1024)

static struct wait_fiber *
own(struct wait *wait)
{
	return (struct wait_fiber *)(void *)wait;
}

static uint32_t
of_epoll(short events)
{
	return (events & POLLIN ? EPOLLIN : 0u) |
	    (events & POLLOUT ? EPOLLOUT : 0u);
}

static int
result(int fd, enum loop_outcome outcome)
{
	log_debug("descriptor %d is %s", fd,
	    outcome == LOOP_READY	  ? "ready" :
		outcome == LOOP_TIMED_OUT ? "not ready in time" :
					    "to be left");
	if (outcome == LOOP_READY)
		return 0;
	errno = outcome == LOOP_TIMED_OUT ? ETIMEDOUT : EINTR;
	return -1;
}

static int
for_client(struct wait *wait, int fd, short events, int64_t deadline_ms)
{
	struct loop_watch *watch = &own(wait)->watch;

	loop_exhaust(watch, of_epoll(events));
	return result(fd, loop_wait(watch, of_epoll(events), deadline_ms));
}

static bool
is_readable(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, 0) != 0;
}

/* An event that is remembered may be used up: nobody has tried to read since. A
 * connection would take that for a client that has sent nothing in time. */
static int
for_request(struct wait *wait, int fd, int64_t deadline_ms)
{
	struct loop_watch *watch = &own(wait)->watch;

	if ((watch->ready & EPOLLIN) && is_readable(fd))
		return 0;
	loop_exhaust(watch, EPOLLIN);
	return result(fd, loop_wait_nudged(watch, EPOLLIN, deadline_ms));
}

/* That a call has sent less than it was given tells nothing: netio tries again,
 * and waits after EAGAIN. */
static void
moved(struct wait *wait, short events, size_t size, size_t n)
{
	struct loop_watch *watch = &own(wait)->watch;

	if (events == POLLIN && n < size)
		loop_exhaust_partly(watch, EPOLLIN);
	loop_spend(watch->loop, n);
}

static const struct wait_methods methods = {
	.for_client = for_client,
	.for_request = for_request,
	.moved = moved,
	.max_file_octets = MAX_FILE_OCTETS,
};

int
wait_fiber_open(struct wait_fiber *wait, struct loop *loop, int fd)
{
	wait->wait.methods = &methods;
	return loop_watch(loop, &wait->watch, fd, LOOP_CLIENT);
}

void
wait_fiber_close(struct wait_fiber *wait)
{
	loop_unwatch(&wait->watch);
}
