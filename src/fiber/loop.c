/*
 * A turn of the loop: each fiber that can run is resumed once; then the kernel
 * is asked for events, and the deadlines are looked at. See loop.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "fiber/loop.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "fiber/deadlines.h"
#include "fiber/fiber.h"
#include "fiber/poller.h"
#include "fiber/stack.h"

#define EVENTS_AT_ONCE 64

/* A fiber of a loop, in the memory above its stack. */
struct task {
	/* First, as in a rest: both are found by their deadlines. */
	struct deadline deadline;
	struct loop_watch *watch; /* that it waits for */
	struct fiber fiber;
	struct task *next; /* of those that can run */
	uint32_t events;   /* that it waits for */
	bool takes_nudge;
	enum loop_outcome outcome;
};

struct loop {
	struct loop_settings settings;
	struct poller poller;
	struct stack_pool stacks;
	struct deadlines deadlines;
	bool has_begun; /* a fiber, in this turn */
	struct task *running;
	struct task *first, **last; /* those that can run, in order */
	size_t tasks, rests;
	unsigned steps; /* of the running fiber in this turn */
	size_t octets;
};

/* What a task and a rest begin with. */
struct waiting {
	struct deadline deadline;
	struct loop_watch *watch;
};

_Static_assert(offsetof(struct task, watch) ==
	    offsetof(struct waiting, watch) &&
	offsetof(struct loop_rest, watch) == offsetof(struct waiting, watch),
    "found by the deadline");

static struct loop_watch *
watch_of(struct deadline *deadline)
{
	return ((struct waiting *)(void *)deadline)->watch;
}

struct loop *
loop_new(const struct loop_settings *settings)
{
	struct loop *loop;

	if (!fiber_is_possible()) {
		errno = ENOTSUP;
		return NULL;
	}
	loop = calloc(1, sizeof(*loop));
	if (!loop)
		return NULL;
	loop->settings = *settings;
	loop->last = &loop->first;
	if (poller_open(&loop->poller) < 0) {
		free(loop);
		return NULL;
	}
	stack_pool_init(&loop->stacks, settings->stack_bytes,
	    sizeof(struct task), settings->max_fibers);
	return loop;
}

void
loop_free(struct loop *loop)
{
	if (!loop)
		return;
	assert(loop->tasks == 0 && loop->rests == 0);
	stack_pool_clear(&loop->stacks);
	poller_close(&loop->poller);
	free(loop);
}

static void
append(struct loop *loop, struct task *task)
{
	task->next = NULL;
	*loop->last = task;
	loop->last = &task->next;
}

int
loop_start(struct loop *loop, void (*run)(void *argument), void *argument)
{
	struct stack *stack = stack_take(&loop->stacks);
	struct task *task;

	if (!stack)
		return -1;
	task = stack_owner(stack);
	fiber_init(&task->fiber, stack, run, argument);
	loop->tasks++;
	loop->has_begun = true;
	append(loop, task);
	return 0;
}

static void
resume(struct loop *loop, struct task *task)
{
	if (loop->settings.turns)
		++*loop->settings.turns;
	loop->running = task;
	loop->steps = 0;
	loop->octets = 0;
	fiber_resume(&task->fiber);
	loop->running = NULL;
	if (task->fiber.has_ended) {
		loop->tasks--;
		stack_give(&loop->stacks, task->fiber.stack);
	}
}

/* Those that become able to run meanwhile wait for the next turn. */
static void
resume_all(struct loop *loop)
{
	struct task *task = loop->first, *next;

	loop->first = NULL;
	loop->last = &loop->first;
	for (; task; task = next) {
		next = task->next;
		resume(loop, task);
	}
}

/* Those that begin meanwhile need not wait for the kernel to be asked: what they
 * begin with is there, as a rule. */
static void
run_turn(struct loop *loop)
{
	loop->has_begun = false;
	resume_all(loop);
	if (loop->has_begun)
		resume_all(loop);
}

/* The fiber that waits for the watch can run. */
static void
end_wait(struct loop *loop, struct loop_watch *watch, enum loop_outcome outcome)
{
	struct task *task = watch->waiter;

	assert(task);
	watch->waiter = NULL;
	if (task->deadline.at_ms != INT64_MAX)
		deadlines_remove(&loop->deadlines, &task->deadline);
	task->outcome = outcome;
	append(loop, task);
}

/* Whether there was one. */
static bool
leave_rest(struct loop *loop, struct loop_watch *watch)
{
	struct loop_rest *rest = watch->rest;

	if (!rest)
		return false;
	watch->rest = NULL;
	loop->rests--;
	if (rest->deadline.at_ms != INT64_MAX)
		deadlines_remove(&loop->deadlines, &rest->deadline);
	return true;
}

static void
end_rest(struct loop *loop, struct loop_watch *watch, enum loop_outcome outcome)
{
	struct loop_rest *rest = watch->rest;

	if (leave_rest(loop, watch))
		rest->wake(rest, outcome);
}

static void
take_event(struct loop *loop, const struct epoll_event *event)
{
	struct loop_watch *watch = event->data.ptr;
	uint32_t ready = event->events & (EPOLLIN | EPOLLOUT);

	if (event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
		watch->has_hung_up = true;
		ready |= EPOLLIN;
	}
	if (event->events & (EPOLLHUP | EPOLLERR))
		ready |= EPOLLOUT;
	if (watch->kind == LOOP_CLIENT)
		watch->ready |= ready;
	if (watch->waiter && (watch->waiter->events & ready))
		end_wait(loop, watch, LOOP_READY);
	else if (ready & EPOLLIN)
		end_rest(loop, watch, LOOP_READY);
}

static int
timeout_ms(const struct loop *loop)
{
	int64_t left_ms;

	if (loop->first)
		return 0;
	if (!loop->deadlines.first)
		return -1;
	left_ms = loop->deadlines.first->at_ms - clock_ms();
	if (left_ms < 0)
		return 0;
	return left_ms > INT_MAX ? INT_MAX : (int)left_ms;
}

static void
note_wait(const struct loop *loop, uint32_t waits)
{
	if (loop->settings.waits)
		*loop->settings.waits = waits;
}

static int
take_events(struct loop *loop)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	int i, n;

	note_wait(loop, 1);
	n = poller_wait(&loop->poller, events, EVENTS_AT_ONCE,
	    timeout_ms(loop));
	note_wait(loop, 0);
	if (n < 0 && errno != EINTR)
		return -1;
	for (i = 0; i < n; i++)
		take_event(loop, &events[i]);
	/* Last: it may end what an event belongs to. */
	if ((n < 0 || poller_has_signal(&loop->poller)) &&
	    loop->settings.interrupted)
		loop->settings.interrupted(loop->settings.context);
	return 0;
}

static void
take_deadlines(struct loop *loop)
{
	int64_t now_ms;

	if (!loop->deadlines.first)
		return;
	now_ms = clock_ms();
	while (loop->deadlines.first &&
	    loop->deadlines.first->at_ms <= now_ms) {
		struct loop_watch *watch = watch_of(loop->deadlines.first);

		if (watch->waiter)
			end_wait(loop, watch, LOOP_TIMED_OUT);
		else
			end_rest(loop, watch, LOOP_TIMED_OUT);
	}
}

int
loop_run(struct loop *loop)
{
	assert(!loop->running);
	for (;;) {
		run_turn(loop);
		if (loop->tasks == 0 && loop->rests == 0)
			return 0;
		if (take_events(loop) < 0)
			return -1;
		take_deadlines(loop);
	}
}

bool
loop_trim(struct loop *loop)
{
	return stack_pool_trim(&loop->stacks);
}

static bool
add_client(struct loop_watch *watch)
{
	if (watch->kind == LOOP_CLIENT && !watch->is_added)
		watch->is_added = poller_add_client(&watch->loop->poller,
				      watch->fd, watch) == 0;
	return watch->is_added || watch->kind != LOOP_CLIENT;
}

int
loop_watch(struct loop *loop, struct loop_watch *watch, int fd,
    enum loop_kind kind)
{
	*watch = (struct loop_watch){ .loop = loop, .fd = fd, .kind = kind };
	if (kind != LOOP_LISTENER)
		return 0;
	if (poller_add_listener(&loop->poller, fd, watch) < 0)
		return -1;
	watch->is_added = true;
	return 0;
}

void
loop_forget(struct loop_watch *watch)
{
	assert(!watch->waiter);
	leave_rest(watch->loop, watch);
}

void
loop_unwatch(struct loop_watch *watch)
{
	loop_forget(watch);
	if (watch->is_added)
		poller_remove(&watch->loop->poller, watch->fd);
	watch->is_added = false;
}

void
loop_rest(struct loop_watch *watch, struct loop_rest *rest, int64_t deadline_ms)
{
	struct loop *loop = watch->loop;

	assert(!watch->waiter && !watch->rest);
	rest->watch = watch;
	rest->deadline.at_ms = deadline_ms;
	if (deadline_ms != INT64_MAX)
		deadlines_add(&loop->deadlines, &rest->deadline, deadline_ms);
	watch->rest = rest;
	loop->rests++;
	if (watch->ready & EPOLLIN)
		end_rest(loop, watch, LOOP_READY);
	else if (!add_client(watch))
		end_rest(loop, watch, LOOP_TIMED_OUT);
}

static enum loop_outcome
pause_for(struct loop_watch *watch, uint32_t events, int64_t deadline_ms,
    bool takes_nudge)
{
	struct loop *loop = watch->loop;
	struct task *task = loop->running;

	assert(task && !watch->waiter);
	if (events != 0 && !add_client(watch))
		return LOOP_TIMED_OUT;
	task->watch = watch;
	task->events = events;
	task->takes_nudge = takes_nudge;
	task->deadline.at_ms = deadline_ms;
	if (deadline_ms != INT64_MAX)
		deadlines_add(&loop->deadlines, &task->deadline, deadline_ms);
	watch->waiter = task;
	fiber_pause();
	return task->outcome;
}

enum loop_outcome
loop_wait(struct loop_watch *watch, uint32_t events, int64_t deadline_ms)
{
	if (watch->ready & events)
		return LOOP_READY;
	return pause_for(watch, events, deadline_ms, false);
}

enum loop_outcome
loop_wait_nudged(struct loop_watch *watch, uint32_t events, int64_t deadline_ms)
{
	enum loop_outcome outcome = LOOP_NUDGED;

	if (watch->ready & events)
		return LOOP_READY;
	if (!watch->is_nudged)
		outcome = pause_for(watch, events, deadline_ms, true);
	if (outcome == LOOP_NUDGED)
		watch->is_nudged = false;
	return outcome;
}

void
loop_exhaust(struct loop_watch *watch, uint32_t events)
{
	watch->ready &= ~events;
}

void
loop_exhaust_partly(struct loop_watch *watch, uint32_t events)
{
	if (!watch->has_hung_up)
		watch->ready &= ~events;
}

void
loop_nudge(struct loop_watch *watch)
{
	watch->is_nudged = true;
	if (watch->waiter && watch->waiter->takes_nudge)
		end_wait(watch->loop, watch, LOOP_NUDGED);
	else
		end_rest(watch->loop, watch, LOOP_NUDGED);
}

uint64_t
loop_asked(const struct loop *loop)
{
	return loop->poller.waits;
}

void
loop_give_way(struct loop *loop)
{
	assert(loop->running);
	append(loop, loop->running);
	fiber_pause();
}

void
loop_spend(struct loop *loop, size_t octets)
{
	loop->steps++;
	loop->octets += octets;
	if (loop->steps >= loop->settings.max_steps ||
	    loop->octets >= loop->settings.max_octets)
		loop_give_way(loop);
}
