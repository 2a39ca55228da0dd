/* SPDX-License-Identifier: ISC */
#include "fiber/stack.h"

#include <check.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define STACK_BYTES ((size_t)128 * 1024)
#define MAX	    6

static struct stack_pool pool;
static struct stack *stacks[MAX];

static void
setup(void)
{
	stack_pool_init(&pool, STACK_BYTES, 100, MAX);
	stack_pool_keep(&pool, 2, 2);
}

static void
take_all(void)
{
	for (size_t i = 0; i < MAX; i++) {
		stacks[i] = stack_take(&pool);
		ck_assert_ptr_nonnull(stacks[i]);
	}
}

static void
give_all(void)
{
	for (size_t i = 0; i < MAX; i++)
		stack_give(&pool, stacks[i]);
}

static size_t
resident_bytes(const struct stack *stack)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = 0;
	unsigned char in_memory[STACK_BYTES / 4096];

	ck_assert_int_eq(mincore(stack->begin, STACK_BYTES, in_memory), 0);
	for (size_t i = 0; i < STACK_BYTES / page; i++)
		bytes += in_memory[i] & 1 ? page : 0;
	return bytes;
}

START_TEST(gives_as_many_stacks_as_are_permitted)
{
	take_all();
	errno = 0;
	ck_assert_ptr_null(stack_take(&pool));
	ck_assert_int_eq(errno, EAGAIN);
	stack_give(&pool, stacks[3]);
	ck_assert_ptr_eq(stack_take(&pool), stacks[3]);
	give_all();
	stack_pool_clear(&pool);
}
END_TEST

START_TEST(has_room_for_the_stack_and_its_owner)
{
	struct stack *stack = stack_take(&pool);
	char *owner = stack_owner(stack);

	ck_assert_uint_ge(stack->bytes, STACK_BYTES - 256);
	ck_assert_uint_eq((uintptr_t)owner % 64, 0);
	ck_assert(owner >= stack->begin + stack->bytes);
	memset(stack->begin, 1, stack->bytes);
	memset(owner, 2, 100);
	ck_assert_int_eq(stack->begin[stack->bytes - 1], 1);
	stack_give(&pool, stack);
	ck_assert_ptr_eq(stack_take(&pool), stack);
	ck_assert_ptr_eq(stack_owner(stack), owner);
	stack_give(&pool, stack);
	stack_pool_clear(&pool);
}
END_TEST

START_TEST(keeps_the_memory_of_the_first_and_gives_back_that_of_the_next)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	take_all();
	for (size_t i = 0; i < MAX; i++)
		memset(stacks[i]->begin, 1, stacks[i]->bytes);
	give_all();
	ck_assert_uint_eq(pool.kept, 2);
	ck_assert_uint_eq(pool.spare, 2);
	ck_assert_uint_eq(resident_bytes(stacks[0]), STACK_BYTES);
	ck_assert_uint_eq(resident_bytes(stacks[1]), STACK_BYTES);
	ck_assert_uint_eq(resident_bytes(stacks[2]), page);
	ck_assert_uint_eq(resident_bytes(stacks[3]), page);
	stack_pool_clear(&pool);
	ck_assert_uint_eq(pool.kept + pool.spare, 0);
}
END_TEST

START_TEST(unmaps_the_stacks_beyond)
{
	unsigned char in_memory;
	char *begin;

	take_all();
	begin = stacks[4]->begin;
	give_all();
	errno = 0;
	ck_assert_int_eq(mincore(begin, 1, &in_memory), -1);
	ck_assert_int_eq(errno, ENOMEM);
	stack_pool_clear(&pool);
}
END_TEST

START_TEST(takes_the_latest_stack_first)
{
	take_all();
	stack_give(&pool, stacks[0]);
	stack_give(&pool, stacks[1]);
	ck_assert_ptr_eq(stack_take(&pool), stacks[1]);
	ck_assert_ptr_eq(stack_take(&pool), stacks[0]);
	give_all();
	stack_pool_clear(&pool);
}
END_TEST

START_TEST(knows_how_much_was_used)
{
	struct stack *stack = stack_take(&pool);

	stack_paint(stack);
	ck_assert_uint_eq(stack_high_water(stack), 0);
	memset(stack->begin + stack->bytes - 5000, 0, 100);
	ck_assert_uint_eq(stack_high_water(stack), 5000);
	stack_give(&pool, stack);
	stack_pool_clear(&pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("stack");
	TCase *tcase = tcase_create("stack");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, gives_as_many_stacks_as_are_permitted);
	tcase_add_test(tcase, has_room_for_the_stack_and_its_owner);
	tcase_add_test(tcase,
	    keeps_the_memory_of_the_first_and_gives_back_that_of_the_next);
	tcase_add_test(tcase, unmaps_the_stacks_beyond);
	tcase_add_test(tcase, takes_the_latest_stack_first);
	tcase_add_test(tcase, knows_how_much_was_used);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
