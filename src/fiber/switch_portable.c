/*
 * The switch for machines without assembler here: a stack is entered by ucontext
 * once, and afterwards _setjmp and _longjmp switch, as they keep the mask of
 * signals without a system call. See switch.h.
 *
 * SPDX-License-Identifier: ISC
 */

/* Fortified, a longjmp to another stack ends the process. */
#undef _FORTIFY_SOURCE

#include "fiber/switch.h"

#if SWITCH_IS_PORTABLE
#include <stdlib.h>

/* makecontext passes integers alone. */
static struct switch_point *entered;

static void
begin(void)
{
	entered->run(entered->argument);
	abort();
}

void
switch_prepare(struct switch_point *point, void *stack, size_t bytes,
    void (*run)(void *argument), void *argument)
{
	point->is_new = true;
	point->run = run;
	point->argument = argument;
	getcontext(&point->start);
	fegetenv(&point->rounding);
	point->start.uc_stack.ss_sp = stack;
	point->start.uc_stack.ss_size = bytes;
	point->start.uc_link = NULL;
	makecontext(&point->start, begin, 0);
}

void
switch_points(struct switch_point *from, struct switch_point *to)
{
	fegetenv(&from->rounding);
	if (_setjmp(from->place) == 0) {
		if (!to->is_new)
			_longjmp(to->place, 1);
		to->is_new = false;
		entered = to;
		setcontext(&to->start);
		abort();
	}
	fesetenv(&from->rounding);
}

int
switch_is_possible(void)
{
	return 1;
}
#endif
