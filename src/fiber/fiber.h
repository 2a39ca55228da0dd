/*
 * A fiber: a function with a stack of its own, which stops in the midst of a call
 * (fiber_pause) and goes on later, when it is resumed. One fiber of a process
 * runs at a time, and only outside of any fiber is one resumed.
 *
 * A pause keeps the fiber's errno, how its floating point rounds, and its job
 * (job.h). It keeps no other thing of the process: locale, mask of signals, umask.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_FIBER_FIBER_H
#define PRONG_FIBER_FIBER_H

#include <stdbool.h>

#include "fiber/switch.h"

struct job;
struct stack;

struct fiber {
	struct switch_point point;
	struct stack *stack;
	void (*run)(void *argument);
	void *argument;
	bool has_ended;
	struct job *job; /* at hand, while it is paused; NULL: none */
	void *frames;	 /* of the address sanitizer */
};

/* Whether this process can run fibers: see switch_is_possible. */
bool fiber_is_possible(void);

/* Makes a fiber that calls run when it is resumed first. The stack stays the
 * caller's, and must not be used until the fiber has ended. */
void fiber_init(struct fiber *fiber, struct stack *stack,
    void (*run)(void *argument), void *argument);

/* Runs the fiber until it pauses, or has ended (has_ended). */
void fiber_resume(struct fiber *fiber);

/* In a fiber: returns to who has resumed it. */
void fiber_pause(void);

/* The fiber that runs; NULL: none. */
struct fiber *fiber_current(void);

#endif
