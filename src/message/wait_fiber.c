/* SPDX-License-Identifier: ISC */
#include "message/wait_fiber.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/log.h"
#include "config/limit.h"

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

static void
show(struct wait *wait)
{
	struct wait_fiber *w = own(wait);

	if (w->show)
		w->show(w);
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
exceed(struct wait_fiber *w, const char *setting)
{
	w->exceeded = setting;
	errno = ETIME;
	return -1;
}

/* Whether the handler may wait. It may not once it is beyond a limit. */
static int
check_work(struct wait_fiber *w)
{
	if (w->exceeded)
		return exceed(w, w->exceeded);
	if (w->max_work_ms > 0 && !w->has_moved &&
	    clock_ms() - w->worked_from_ms > w->max_work_ms)
		return exceed(w, "max_request_time");
	return 0;
}

static void
begin_work(struct wait_fiber *w)
{
	if (w->max_work_ms > 0)
		w->worked_from_ms = clock_ms();
	w->has_moved = false;
}

static int
for_client(struct wait *wait, int fd, short events, int64_t deadline_ms)
{
	struct wait_fiber *w = own(wait);
	const bool ends_early = w->total_at_ms < deadline_ms;
	enum loop_outcome outcome;

	loop_exhaust(&w->watch, of_epoll(events));
	if (check_work(w) < 0)
		return -1;
	show(wait);
	outcome = loop_wait(&w->watch, of_epoll(events),
	    ends_early ? w->total_at_ms : deadline_ms);
	begin_work(w);
	if (outcome == LOOP_TIMED_OUT && ends_early)
		return exceed(w, "max_request_total");
	return result(fd, outcome);
}

/* A pause is work: the client does not cause it. */
static int
pause_for(struct wait *wait, int64_t ms)
{
	struct wait_fiber *w = own(wait);
	const int64_t until_ms = clock_ms() + ms;

	if (check_work(w) < 0)
		return -1;
	if (ms == 0) {
		loop_give_way(w->watch.loop);
		return 0;
	}
	show(wait);
	loop_wait(&w->watch, 0, clock_earlier(until_ms, w->total_at_ms));
	return w->total_at_ms < until_ms ? exceed(w, "max_request_total") : 0;
}

static void
limit(struct wait *wait, const struct limits *limits)
{
	const int64_t total_ms = limits->max_request_total_ms;
	struct wait_fiber *w = own(wait);

	w->exceeded = NULL;
	w->max_work_ms = limits->max_request_time_ms;
	if (total_ms > 0)
		w->total_at_ms = clock_ms() + total_ms;
	begin_work(w);
	show(wait);
}

static const char *
lift(struct wait *wait)
{
	struct wait_fiber *w = own(wait);
	const char *exceeded = w->exceeded;

	w->exceeded = NULL;
	w->max_work_ms = 0;
	w->total_at_ms = INT64_MAX;
	return exceeded;
}

/* The kernel may not have been asked yet. */
static uint64_t
turn_of(const struct loop_watch *watch)
{
	return loop_asked(watch->loop) + 1;
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
	int64_t rest_ms = INT64_MAX;
	enum loop_outcome outcome;

	own(wait)->begun = 0;
	if ((watch->ready & EPOLLIN) && is_readable(fd))
		return 0;
	loop_exhaust(watch, EPOLLIN);
	show(wait);
	if (wait->rest_after_ms > 0)
		rest_ms = clock_ms() + wait->rest_after_ms;
	outcome = loop_wait_nudged(watch, EPOLLIN,
	    clock_earlier(rest_ms, deadline_ms));
	if (outcome == LOOP_TIMED_OUT && rest_ms < deadline_ms) {
		errno = ECANCELED;
		return -1;
	}
	if (outcome == LOOP_READY)
		own(wait)->begun = turn_of(watch);
	return result(fd, outcome);
}

static uint64_t
turn(const struct wait *wait)
{
	return turn_of(&((const struct wait_fiber *)(const void *)wait)->watch);
}

/* A request that follows another one in the same octets may have come later. */
static uint64_t
begun(struct wait *wait)
{
	struct wait_fiber *w = own(wait);
	uint64_t before = w->begun;

	w->begun = 0;
	return before;
}

/* That a call has sent less than it was given tells nothing: netio tries again,
 * and waits after EAGAIN. */
static void
moved(struct wait *wait, short events, size_t size, size_t n)
{
	struct loop_watch *watch = &own(wait)->watch;

	own(wait)->has_moved = true;
	if (events == POLLIN && n < size)
		loop_exhaust_partly(watch, EPOLLIN);
	loop_spend(watch->loop, n);
}

static const struct wait_methods methods = {
	.for_client = for_client,
	.for_request = for_request,
	.moved = moved,
	.limit = limit,
	.lift = lift,
	.pause = pause_for,
	.show = show,
	.turn = turn,
	.begun = begun,
	.max_file_octets = MAX_FILE_OCTETS,
};

int
wait_fiber_open(struct wait_fiber *wait, struct loop *loop, int fd)
{
	*wait = (struct wait_fiber){ .wait.methods = &methods,
		.total_at_ms = INT64_MAX };
	return loop_watch(loop, &wait->watch, fd, LOOP_CLIENT);
}

void
wait_fiber_close(struct wait_fiber *wait)
{
	loop_forget(&wait->watch);
}
