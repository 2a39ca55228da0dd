/*
 * Each stack is a mapping of its own, from the guard to the structure, which is
 * at the end:
 *
 *	guard | stack ... | memory of the owner | struct stack
 *
 * SPDX-License-Identifier: ISC
 */
#include "fiber/stack.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fiber/tools.h"

/* Wider than a page, for functions whose frames are large and that were not
 * compiled to touch each page of them. It is address space alone. */
#define GUARD_BYTES ((size_t)64 * 1024)

#define ALIGN_BYTES ((size_t)64)

#define USUAL_KEPT  64
#define USUAL_SPARE 1024

/* An unlikely content of a stack. */
#define PAINT_OCTET 0xa5

static size_t
whole(size_t bytes, size_t unit)
{
	return (bytes + unit - 1) / unit * unit;
}

static size_t
page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

void
stack_pool_init(struct stack_pool *pool, size_t bytes, size_t owner_bytes,
    size_t max)
{
	*pool = (struct stack_pool){ .max = max };
	pool->owner_bytes = whole(owner_bytes, ALIGN_BYTES);
	pool->bytes = whole(bytes, page_bytes());
	assert(pool->bytes >= 2 * (pool->owner_bytes + ALIGN_BYTES));
	stack_pool_keep(pool, USUAL_KEPT, USUAL_SPARE);
}

void
stack_pool_keep(struct stack_pool *pool, size_t kept, size_t spare)
{
	pool->max_kept = kept;
	pool->max_spare = spare;
}

void *
stack_owner(struct stack *stack)
{
	return stack->begin + stack->bytes;
}

const char *
stack_guard(const struct stack *stack)
{
	return stack->begin - whole(GUARD_BYTES, page_bytes());
}

static void
unmap(const struct stack_pool *pool, struct stack *stack)
{
	char *guard = stack->begin - whole(GUARD_BYTES, page_bytes());

	tools_forget_stack(stack->begin, stack->bytes, stack->number);
	munmap(guard, (size_t)(stack->begin - guard) + pool->bytes);
}

static struct stack *
map(const struct stack_pool *pool)
{
	size_t guard = whole(GUARD_BYTES, page_bytes());
	char *begin = mmap(NULL, guard + pool->bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	struct stack *stack;

	if (begin == MAP_FAILED)
		return NULL;
	if (mprotect(begin, guard, PROT_NONE) < 0) {
		munmap(begin, guard + pool->bytes);
		errno = ENOMEM;
		return NULL;
	}
	begin += guard;
	stack = (struct stack *)(void *)(begin + pool->bytes - ALIGN_BYTES);
	stack->begin = begin;
	stack->bytes = pool->bytes - ALIGN_BYTES - pool->owner_bytes;
	stack->number = tools_note_stack(begin, stack->bytes);
	return stack;
}

_Static_assert(sizeof(struct stack) <= ALIGN_BYTES, "it has room at the end");

static struct stack *
pop(struct stack **first, size_t *count)
{
	struct stack *stack = *first;

	if (stack) {
		*first = stack->next;
		(*count)--;
	}
	return stack;
}

static void
push(struct stack **first, size_t *count, struct stack *stack)
{
	stack->next = *first;
	*first = stack;
	(*count)++;
}

struct stack *
stack_take(struct stack_pool *pool)
{
	struct stack *stack;

	if (pool->used == pool->max) {
		errno = EAGAIN;
		return NULL;
	}
	stack = pop(&pool->first_kept, &pool->kept);
	if (pool->kept < pool->least)
		pool->least = pool->kept;
	if (!stack)
		stack = pop(&pool->first_spare, &pool->spare);
	if (!stack)
		stack = map(pool);
	if (stack)
		pool->used++;
	return stack;
}

/* All memory but the last page, which has the structure. DONTNEED and not FREE:
 * the memory must not count as the process's any more. */
static void
give_memory_back(const struct stack_pool *pool, struct stack *stack)
{
	size_t bytes = pool->bytes - page_bytes();

	if (bytes > 0)
		madvise(stack->begin, bytes, MADV_DONTNEED);
}

void
stack_give(struct stack_pool *pool, struct stack *stack)
{
	assert(pool->used > 0);
	pool->used--;
	tools_clean_stack(stack->begin, stack->bytes);
	if (pool->kept < pool->max_kept) {
		push(&pool->first_kept, &pool->kept, stack);
	} else if (pool->spare < pool->max_spare) {
		give_memory_back(pool, stack);
		push(&pool->first_spare, &pool->spare, stack);
	} else {
		unmap(pool, stack);
	}
}

bool
stack_pool_trim(struct stack_pool *pool)
{
	struct stack *stack;

	while (pool->least > 0 &&
	    (stack = pop(&pool->first_kept, &pool->kept))) {
		unmap(pool, stack);
		pool->least--;
	}
	while ((stack = pop(&pool->first_spare, &pool->spare)))
		unmap(pool, stack);
	pool->least = pool->kept;
	return pool->kept > 0;
}

void
stack_pool_clear(struct stack_pool *pool)
{
	struct stack *stack;

	assert(pool->used == 0);
	while ((stack = pop(&pool->first_kept, &pool->kept)))
		unmap(pool, stack);
	while ((stack = pop(&pool->first_spare, &pool->spare)))
		unmap(pool, stack);
}

void
stack_paint(struct stack *stack)
{
	memset(stack->begin, PAINT_OCTET, stack->bytes);
}

size_t
stack_high_water(const struct stack *stack)
{
	size_t unused = 0;

	tools_show_stack(stack->begin, stack->bytes);
	while (unused < stack->bytes &&
	    (uint8_t)stack->begin[unused] == PAINT_OCTET)
		unused++;
	return stack->bytes - unused;
}
