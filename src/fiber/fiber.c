/* SPDX-License-Identifier: ISC */
#include "fiber/fiber.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/job.h"
#include "fiber/stack.h"
#include "fiber/tools.h"

/* Outside of all fibers: where it goes on, and its stack for the sanitizer. */
static struct {
	struct switch_point point;
	void *frames;
	const void *stack;
	size_t bytes;
} outside;

static struct fiber *current;

bool
fiber_is_possible(void)
{
	return switch_is_possible();
}

static _Noreturn void
begin(void *argument)
{
	struct fiber *fiber = argument;

	tools_arrive(NULL, &outside.stack, &outside.bytes);
	fiber->run(fiber->argument);
	fiber->has_ended = true;
	tools_leave(NULL, outside.stack, outside.bytes);
	switch_points(&fiber->point, &outside.point);
	abort();
}

void
fiber_init(struct fiber *fiber, struct stack *stack,
    void (*run)(void *argument), void *argument)
{
	fiber->stack = stack;
	fiber->run = run;
	fiber->argument = argument;
	fiber->has_ended = false;
	fiber->job = NULL;
	fiber->frames = NULL;
	switch_prepare(&fiber->point, stack->begin, stack->bytes, begin, fiber);
}

void
fiber_resume(struct fiber *fiber)
{
	int saved = errno;

	assert(!current && !fiber->has_ended);
	current = fiber;
	job_at_hand = fiber->job;
	tools_leave(&outside.frames, fiber->stack->begin, fiber->stack->bytes);
	switch_points(&outside.point, &fiber->point);
	tools_arrive(outside.frames, NULL, NULL);
	fiber->job = job_at_hand;
	job_at_hand = NULL;
	current = NULL;
	errno = saved;
}

void
fiber_pause(void)
{
	struct fiber *fiber = current;
	int saved = errno;

	assert(fiber);
	tools_leave(&fiber->frames, outside.stack, outside.bytes);
	switch_points(&fiber->point, &outside.point);
	tools_arrive(fiber->frames, &outside.stack, &outside.bytes);
	errno = saved;
}

struct fiber *
fiber_current(void)
{
	return current;
}
