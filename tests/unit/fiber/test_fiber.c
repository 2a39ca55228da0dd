/*
 * This program is built twice: with the switch of this machine, and with the
 * portable one.
 *
 * SPDX-License-Identifier: ISC
 */
#include "fiber/fiber.h"

#include <check.h>
#include <errno.h>
#include <fenv.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fiber/stack.h"

#ifdef HAVE_VALGRIND_MEMCHECK_H
#include <valgrind/memcheck.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

#define FIBERS	    10000
#define STACK_BYTES ((size_t)64 * 1024)

static const int modes[] = { FE_TONEAREST, FE_DOWNWARD, FE_UPWARD,
	FE_TOWARDZERO };

#define MODES (sizeof(modes) / sizeof(modes[0]))

struct worker {
	struct fiber fiber;
	struct stack *stack;
	uint64_t number;
	unsigned turns; /* that are left */
};

static struct stack_pool pool;
static struct worker workers[FIBERS];
static volatile double one = 1, ten = 10;

/* A test asserts by hand what it asserts often: check writes a file for each
 * assertion. */

static void
setup(void)
{
	ck_assert(fiber_is_possible());
	stack_pool_init(&pool, STACK_BYTES, 0, FIBERS);
}

static void
start(struct worker *worker, void (*run)(void *argument))
{
	worker->stack = stack_take(&pool);
	ck_assert_ptr_nonnull(worker->stack);
	fiber_init(&worker->fiber, worker->stack, run, worker);
}

static void
stop(struct worker *worker)
{
	ck_assert(worker->fiber.has_ended);
	stack_give(&pool, worker->stack);
	ck_assert_ptr_null(fiber_current());
}

/* Goes down some calls, and pauses there; each call has content of its own in its
 * frame, which must still be there on the way back. */
static unsigned
descend(struct worker *worker, unsigned depth)
{
	volatile uint64_t content[16];
	unsigned below = 0;

	for (unsigned i = 0; i < 16; i++)
		content[i] = worker->number * 1000 + depth * 16 + i;
	if (depth > 0)
		below = descend(worker, depth - 1);
	else
		fiber_pause();
	for (unsigned i = 0; i < 16; i++)
		if (content[i] != worker->number * 1000 + depth * 16 + i)
			ck_abort_msg("the content of a frame has changed");
	return below + 1;
}

/* A tenth, as the mode of the fiber rounds it. */
static double
tenth(void)
{
	return one / ten;
}

static void
work(void *argument)
{
	struct worker *worker = argument;
	unsigned depth = (unsigned)(worker->number % 20);
	double expected;

	fesetround(modes[worker->number % MODES]);
	expected = tenth();
	for (; worker->turns > 0; worker->turns--) {
		errno = (int)worker->number;
		if (descend(worker, depth) != depth + 1 ||
		    errno != (int)worker->number ||
		    fegetround() != modes[worker->number % MODES] ||
		    tenth() != expected || fiber_current() != &worker->fiber)
			ck_abort_msg("something of the fiber has changed");
	}
}

START_TEST(keeps_stack_errno_and_rounding_of_each_fiber)
{
	size_t count = RUNNING_ON_VALGRIND ? 200 : FIBERS;
	size_t left = count, i;

	srandom(7);
	for (i = 0; i < count; i++) {
		workers[i].number = i + 1;
		workers[i].turns = 20;
		start(&workers[i], work);
	}
	while (left > 0) {
		struct worker *worker = &workers[(size_t)random() % count];

		if (worker->fiber.has_ended)
			continue;
		errno = -1;
		fiber_resume(&worker->fiber);
		if (errno != -1 || fegetround() != FE_TONEAREST)
			ck_abort_msg("something of the maker has changed");
		if (worker->fiber.has_ended)
			left--;
	}
	for (i = 0; i < count; i++)
		stop(&workers[i]);
	stack_pool_clear(&pool);
}
END_TEST

static void
set_rounding(void *argument)
{
	int *mode = argument;

	*mode = fegetround();
	fesetround(FE_UPWARD);
	fiber_pause();
}

START_TEST(begins_with_the_rounding_of_its_maker)
{
	struct stack *stack = stack_take(&pool);
	struct fiber fiber;
	int mode = -1;

	fesetround(FE_DOWNWARD);
	fiber_init(&fiber, stack, set_rounding, &mode);
	fesetround(FE_TONEAREST);
	fiber_resume(&fiber);
	ck_assert_int_eq(mode, FE_DOWNWARD);
	ck_assert_int_eq(fegetround(), FE_TONEAREST);
	fiber_resume(&fiber);
	ck_assert(fiber.has_ended);
	stack_give(&pool, stack);
	stack_pool_clear(&pool);
}
END_TEST

/* A frame that is aligned as vector instructions need it. */
static void
align(void *argument)
{
	_Alignas(16) volatile char vector[16];
	uintptr_t *rest = argument;

	vector[0] = 1;
	*rest = ((uintptr_t)vector + (uintptr_t)vector[0] - 1) % 16;
}

START_TEST(begins_with_an_aligned_stack)
{
	struct stack *stack = stack_take(&pool);
	struct fiber fiber;
	uintptr_t rest = 1;

	fiber_init(&fiber, stack, align, &rest);
	fiber_resume(&fiber);
	ck_assert(fiber.has_ended);
	ck_assert_uint_eq(rest, 0);
	stack_give(&pool, stack);
	stack_pool_clear(&pool);
}
END_TEST

static void
use_a_little(void *argument)
{
	volatile char room[3000];

	memset((char *)(uintptr_t)room, 0, sizeof(room));
	*(bool *)argument = room[0] == 0;
}

START_TEST(can_use_a_stack_again)
{
	struct stack *stack = stack_take(&pool), *again;
	struct fiber fiber;
	bool has_run = false;

	stack_paint(stack);
	for (int i = 0; i < 1000; i++) {
		has_run = false;
		fiber_init(&fiber, stack, use_a_little, &has_run);
		fiber_resume(&fiber);
		ck_assert(has_run && fiber.has_ended);
		stack_give(&pool, stack);
		again = stack_take(&pool);
		ck_assert_ptr_eq(again, stack);
	}
	/* The frame is elsewhere with the address sanitizer. */
	ck_assert_uint_le(stack_high_water(stack), 16384);
	stack_give(&pool, stack);
	stack_pool_clear(&pool);
}
END_TEST

/* A recursion without an end, as far as a compiler can know. */
static uint64_t
recurse(volatile uint64_t *depth)
{
	volatile char frame[500];

	frame[0] = (char)*depth;
	frame[499] = 1;
	if ((*depth)++ == UINT64_MAX)
		return 0;
	return recurse(depth) + (uint64_t)frame[0] + (uint64_t)frame[499];
}

static void
overflow(void *argument)
{
	volatile uint64_t depth = 0;

	(void)argument;
	recurse(&depth);
}

static const struct stack *deep;

static void
take_fault(int number, siginfo_t *info, void *context)
{
	const char *at = info->si_addr;

	(void)number;
	(void)context;
	_exit(at >= stack_guard(deep) && at < deep->begin ? 42 : 43);
}

static _Noreturn void
overflow_in_child(void)
{
	static char own[65536];
	const stack_t alternative = { .ss_sp = own, .ss_size = sizeof(own) };
	const struct sigaction action = { .sa_sigaction = take_fault,
		.sa_flags = SA_SIGINFO | SA_ONSTACK };
	struct fiber fiber;
	struct stack *stack = stack_take(&pool);

	deep = stack;
	sigaltstack(&alternative, NULL);
	sigaction(SIGSEGV, &action, NULL);
	fiber_init(&fiber, stack, overflow, NULL);
	fiber_resume(&fiber);
	_exit(44);
}

START_TEST(meets_the_guard_when_its_stack_is_used_up)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		overflow_in_child();
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 42);
}
END_TEST

static void
hold_memory(void *argument)
{
	void *volatile memory = malloc(100);

	*(bool *)argument = memory;
	fiber_pause();
	free(memory);
}

static _Noreturn void
end_with_a_paused_fiber(void)
{
	struct fiber *fiber = &workers[0].fiber;
	bool has_memory = false;

	fiber_init(fiber, stack_take(&pool), hold_memory, &has_memory);
	fiber_resume(fiber);
	exit(has_memory ? 0 : 1);
}

/* Only a build with the address sanitizer searches for leaks. */
START_TEST(leaks_nothing_while_it_is_paused)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		end_with_a_paused_fiber();
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("fiber");
	TCase *tcase = tcase_create("fiber");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, keeps_stack_errno_and_rounding_of_each_fiber);
	tcase_add_test(tcase, begins_with_the_rounding_of_its_maker);
	tcase_add_test(tcase, begins_with_an_aligned_stack);
	tcase_add_test(tcase, can_use_a_stack_again);
	tcase_add_test(tcase, meets_the_guard_when_its_stack_is_used_up);
	tcase_add_test(tcase, leaks_nothing_while_it_is_paused);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
