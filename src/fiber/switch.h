/*
 * The switch from one stack of calls to another, by one of three files:
 *
 *	switch_x86_64.S		by assembler
 *	switch_aarch64.S	by assembler
 *	switch_portable.c	by ucontext, for other machines, and for a test
 *
 * A switch keeps what a function call keeps: the registers that belong to the
 * caller, and how floating point rounds and traps. It keeps neither errno nor the
 * mask of signals, and makes no system call (the portable one makes some when a
 * stack is entered first).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_FIBER_SWITCH_H
#define PRONG_FIBER_SWITCH_H

#include <stddef.h>

#if (!defined(__x86_64__) && !defined(__aarch64__)) || \
    defined(PRONG_PORTABLE_SWITCH)
#define SWITCH_IS_PORTABLE 1
#include <fenv.h>
#include <setjmp.h>
#include <stdbool.h>
#include <ucontext.h>

struct switch_point {
	bool is_new;
	ucontext_t start; /* while it is new */
	jmp_buf place;	  /* afterwards */
	fenv_t rounding;
	void (*run)(void *argument);
	void *argument;
};
#else
#define SWITCH_IS_PORTABLE 0

/* Where a stack goes on. The files in assembler know this structure. */
struct switch_point {
	void *stack_pointer;
};
#endif

/* The first switch to the point calls run, which never returns, with the stack
 * that begins at that address. The stack's end is aligned to 16 octets. */
void switch_prepare(struct switch_point *point, void *stack, size_t bytes,
    void (*run)(void *argument), void *argument);

/* Goes on at the other point. Returns when something switches to this one. */
void switch_points(struct switch_point *from, struct switch_point *to);

/* Whether this process can switch. It cannot where the kernel keeps a second
 * stack of return addresses (user shadow stacks), as nothing here changes it. */
int switch_is_possible(void);

#endif
