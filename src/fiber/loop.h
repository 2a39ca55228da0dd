/*
 * A loop that runs fibers in turn. A fiber that waits for a descriptor is resumed
 * when the kernel reports events (epoll), when its deadline has passed, or by a
 * nudge.
 *
 * A client's descriptor is registered once, edge-triggered, by the first wait: one
 * whose request is there, and whose response can be sent, is never. The loop
 * remembers an event until the fiber says that nothing is left of it (loop_exhaust): a wait for
 * a remembered event returns at once. So a fiber may wait before it has tried to
 * read, or after it has read a part.
 *
 * Nothing here is for threads. Signals come in while the loop waits for events,
 * and at no other time, if they are blocked outside (nudge.h does the same).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_FIBER_LOOP_H
#define PRONG_FIBER_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fiber/deadlines.h"

struct loop;
struct loop_watch;
struct task;

struct loop_settings {
	size_t stack_bytes;
	size_t max_fibers;
	/* What a fiber may do until the others have a turn (loop_spend). */
	unsigned max_steps;
	size_t max_octets;
	/* Called when a signal has ended the wait for events; may nudge. NULL:
	 * nothing is called. */
	void (*interrupted)(void *context);
	void *context;
	/* For who watches the process: each turn of a fiber is counted, and
	 * whether the loop waits for events. NULL: nobody does. */
	volatile uint64_t *turns;
	volatile uint32_t *waits;
};

enum loop_kind {
	LOOP_CLIENT, /* edge-triggered */
	/* Shared with other processes: level-triggered, and an event wakes one
	 * of those that wait (EPOLLEXCLUSIVE). No event is remembered. While no
	 * fiber waits it must not be watched, or the loop spins. */
	LOOP_LISTENER
};

/* A descriptor that the loop watches. The memory is the caller's. */
struct loop_watch {
	struct loop *loop;
	int fd;
	enum loop_kind kind;
	uint32_t ready;	     /* events that are remembered: EPOLLIN, EPOLLOUT */
	bool is_added;	     /* to epoll */
	bool has_hung_up;    /* No edge announces an end of input again. */
	bool is_nudged;	     /* and no wait has taken the nudge yet */
	struct task *waiter; /* NULL: none */
	struct loop_rest *rest; /* NULL: none */
};

enum loop_outcome { LOOP_READY, LOOP_TIMED_OUT, LOOP_NUDGED };

/* A descriptor that nobody waits for but the loop. The memory is the caller's. */
struct loop_rest {
	struct deadline deadline; /* first: the loop's own */
	struct loop_watch *watch;
	/* Called outside of all fibers when the rest has ended. */
	void (*wake)(struct loop_rest *rest, enum loop_outcome outcome);
};

/* NULL and errno; ENOTSUP: this process cannot run fibers (fiber.h). The
 * settings are copied. */
struct loop *loop_new(const struct loop_settings *settings);

/* All fibers must have ended. NULL is allowed. */
void loop_free(struct loop *loop);

/* Makes a fiber, which runs from the next turn on. -1 and errno: EAGAIN when there
 * are as many as may be; ENOMEM. */
int loop_start(struct loop *loop, void (*run)(void *argument), void *argument);

/* Runs the fibers until all have ended, and all rests. -1 and errno: epoll fails. */
int loop_run(struct loop *loop);

/* Gives back memory of fibers that was not used since the last call. Whether there is
 * more. */
bool loop_trim(struct loop *loop);

/* Begins to watch a descriptor, which must not wait (MSG_DONTWAIT, O_NONBLOCK).
 * -1 and errno, for a listener; if a client's cannot be watched, its waits end at
 * once as if in vain, after a line in the log. */
int loop_watch(struct loop *loop, struct loop_watch *watch, int fd,
    enum loop_kind kind);

/* Before the descriptor is closed or handed to others. No fiber may wait. A rest
 * ends. */
void loop_unwatch(struct loop_watch *watch);

/* The same before a descriptor is closed that nobody else has: the kernel then
 * forgets it, too. */
void loop_forget(struct loop_watch *watch);

/* Without a fiber: waits for EPOLLIN until the deadline (INT64_MAX: for ever), a
 * nudge or loop_unwatch, which alone calls nothing. wake is called at once if the
 * event is remembered. No fiber may wait. */
void loop_rest(struct loop_watch *watch, struct loop_rest *rest,
    int64_t deadline_ms);

/* What follows is for fibers of the loop. */

/* Waits for EPOLLIN, EPOLLOUT or both, at most until the deadline (clock.h);
 * INT64_MAX: for ever. An error and the end of the connection count as both. */
enum loop_outcome loop_wait(struct loop_watch *watch, uint32_t events,
    int64_t deadline_ms);

/* The same, and a nudge ends it, also one that came before. */
enum loop_outcome loop_wait_nudged(struct loop_watch *watch, uint32_t events,
    int64_t deadline_ms);

/* Nothing is left of these events, as EAGAIN has told. */
void loop_exhaust(struct loop_watch *watch, uint32_t events);

/* The same, as a call that moved less than it could has told: true of a socket's
 * octets, but not of their end. */
void loop_exhaust_partly(struct loop_watch *watch, uint32_t events);

/* Ends a wait that a nudge can end, or a rest; else the next one. Also outside of
 * fibers. */
void loop_nudge(struct loop_watch *watch);

/* How often the kernel was asked for events. */
uint64_t loop_asked(const struct loop *loop);

/* Lets each other fiber that can run have a turn. */
void loop_give_way(struct loop *loop);

/* Counts a step of the fiber and the octets that it has moved. Gives way when
 * that is more than the settings permit for a turn. */
void loop_spend(struct loop *loop, size_t octets);

#endif
