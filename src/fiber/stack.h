/*
 * A pool of stacks for fibers. Below each lies a guard: a stack that is too
 * small faults there and damages nothing.
 *
 * A stack that is given back is used again with whatever is on it. The first
 * ones (kept) keep their memory, so that a busy pool makes no system call; the
 * further ones (spare) give it back to the kernel at once but for a page; those
 * beyond are unmapped. So a pool that was full once has little memory later.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_FIBER_STACK_H
#define PRONG_FIBER_STACK_H

#include <stdbool.h>
#include <stddef.h>

struct stack {
	struct stack *next; /* while it is in the pool */
	char *begin;	    /* the lowest address above the guard */
	size_t bytes;	    /* from there to the owner's memory */
	unsigned number;    /* for valgrind */
};

struct stack_pool {
	size_t bytes; /* of a stack with its owner's memory: whole pages */
	size_t owner_bytes; /* above the stack, for its owner */
	size_t max;	    /* stacks in use at a time */
	size_t max_kept, max_spare;
	size_t used, kept, spare; /* stacks */
	size_t least;		  /* kept ones since stack_pool_trim */
	struct stack *first_kept, *first_spare;
};

/* bytes are rounded up to whole pages. */
void stack_pool_init(struct stack_pool *pool, size_t bytes, size_t owner_bytes,
    size_t max);

/* How many stacks stay in the pool; without this call 64 and 1024. */
void stack_pool_keep(struct stack_pool *pool, size_t kept, size_t spare);

/* Unmaps those that were not used since the last call: so an idle pool is small.
 * Whether some are left. */
bool stack_pool_trim(struct stack_pool *pool);

/* Unmaps what is in the pool. No stack may be in use. */
void stack_pool_clear(struct stack_pool *pool);

/* NULL and errno: EAGAIN when as many are in use as may be; ENOMEM. */
struct stack *stack_take(struct stack_pool *pool);
void stack_give(struct stack_pool *pool, struct stack *stack);

/* The memory of the owner, aligned to 64 octets, whose content is undefined. */
void *stack_owner(struct stack *stack);

/* Where the guard of a stack begins. */
const char *stack_guard(const struct stack *stack);

/* For tests: fills an unused stack, and says later how many octets of it were
 * used at most since. */
void stack_paint(struct stack *stack);
size_t stack_high_water(const struct stack *stack);

#endif
