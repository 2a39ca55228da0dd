/*
 * Loans: who has a member, and who waits for one.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/loans.h"

#include <check.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ledgers.h"

#define MEMBERS 5
#define WORKERS 2
#define FIRST	(LOANS_WORKER + 1)
#define SECOND	(LOANS_WORKER + 2)

static struct loans *loans;
static const struct ledger_parcel client = { .sequence = 4711 };

/* The pool between has no members, but a ceiling. */
static void
setup(void)
{
	loans = loans_new(MEMBERS, 3, WORKERS);
	ck_assert_ptr_nonnull(loans);
	loans_set_pool(loans, 0, 0, 2, 1);
	loans_set_pool(loans, 1, 2, 0, 9);
	loans_set_pool(loans, 2, 2, 3, 0);
}

START_TEST(members_belong_to_pools)
{
	const size_t pools[MEMBERS] = { 0, 0, 2, 2, 2 };
	size_t i;

	for (i = 0; i < MEMBERS; i++)
		ck_assert_uint_eq(loans_pool(loans, i), pools[i]);
	ck_assert(loans_has_members(loans, 0));
	ck_assert(!loans_has_members(loans, 1));
	ck_assert(!loans_has_members(loans, 3));
}
END_TEST

START_TEST(one_has_a_member)
{
	struct ledger_parcel copy;
	size_t a, b, c;

	ck_assert(!loans_take(loans, 2, FIRST, &client, &a));
	loans_open(loans, 3);
	loans_open(loans, 2);
	ck_assert(loans_take(loans, 2, FIRST, &client, &a));
	ck_assert(loans_take(loans, 2, SECOND, &client, &b));
	ck_assert(!loans_take(loans, 2, FIRST, &client, &c));
	ck_assert_uint_eq(a, 2);
	ck_assert_uint_eq(b, 3);
	ck_assert_uint_eq(loans_holder(loans, 3), SECOND);
	ck_assert_uint_eq(loans_busy(loans, 2), 2);
	loans_client(loans, 3, &copy);
	ck_assert_uint_eq(copy.sequence, client.sequence);
	/* Nobody else can give it back. */
	loans_give(loans, 3, FIRST, false);
	ck_assert_uint_eq(loans_holder(loans, 3), SECOND);
	loans_give(loans, 3, SECOND, false);
	ck_assert_uint_eq(loans_holder(loans, 3), LOANS_FREE);
	ck_assert(loans_take(loans, 2, LOANS_GENERATION, &client, &c));
	ck_assert_uint_eq(c, 3);
	/* What the generation has passed is counted elsewhere. */
	ck_assert_uint_eq(loans_clients(loans, 3), 1);
}
END_TEST

START_TEST(a_member_is_closed_while_it_is_free)
{
	size_t a;

	loans_open(loans, 0);
	ck_assert(loans_take(loans, 0, FIRST, &client, &a));
	ck_assert(!loans_close(loans, 0));
	loans_give(loans, 0, FIRST, false);
	ck_assert(loans_close(loans, 0));
	ck_assert(loans_close(loans, 0));
	ck_assert(!loans_take(loans, 0, FIRST, &client, &a));
	loans_open(loans, 1);
	ck_assert(loans_take(loans, 0, FIRST, &client, &a));
	loans_give(loans, 1, FIRST, true);
	ck_assert_uint_eq(loans_holder(loans, 1), LOANS_CLOSED);
}
END_TEST

START_TEST(none_is_free_any_more)
{
	size_t a;

	loans_open(loans, 0);
	loans_open(loans, 1);
	ck_assert(loans_take(loans, 0, FIRST, &client, &a));
	loans_stop(loans);
	ck_assert(loans_are_stopped(loans));
	ck_assert_uint_eq(loans_holder(loans, 0), FIRST);
	ck_assert_uint_eq(loans_holder(loans, 1), LOANS_CLOSED);
	loans_give(loans, 0, FIRST, false);
	ck_assert_uint_eq(loans_holder(loans, 0), LOANS_CLOSED);
	loans_open(loans, 0);
	ck_assert_uint_eq(loans_holder(loans, 0), LOANS_CLOSED);
}
END_TEST

/* Each: what the ledger says, and whether the process has ended, and others after it. */
START_TEST(what_was_begun_is_known)
{
	struct loans_mark mark;
	size_t a;

	loans_open(loans, 0);
	ck_assert(loans_take(loans, 0, FIRST, &client, &a));
	loans_give(loans, 0, FIRST, false);
	ck_assert(loans_take(loans, 0, FIRST, &client, &a));
	mark = loans_mark(loans, 0);
	ck_assert(!loans_had_begun(loans, 0, &mark, 1));
	ck_assert(loans_had_begun(loans, 0, &mark, 2));
	loans_end(loans, 0, 1);
	ck_assert(!loans_had_begun(loans, 0, &mark, 0));
	ck_assert(!loans_had_begun(loans, 0, &mark, 5));
	loans_end(loans, 0, 1);
	ck_assert(loans_had_begun(loans, 0, &mark, 0));
}
END_TEST

START_TEST(what_has_not_arrived_does_not_count)
{
	size_t a;

	loans_open(loans, 0);
	ck_assert(loans_take(loans, 0, FIRST, &client, &a));
	loans_undo(loans, 0, FIRST);
	ck_assert_uint_eq(loans_clients(loans, 0), 0);
	/* The process has ended meanwhile. */
	loans_end(loans, 0, 0);
	loans_undo(loans, 0, FIRST);
	ck_assert_uint_eq(loans_clients(loans, 0), 0);
}
END_TEST

/* Two members, and one in the queue. */
START_TEST(so_many_are_admitted)
{
	ck_assert(loans_admit(loans, 0, 1));
	ck_assert(loans_admit(loans, 0, 2));
	ck_assert(loans_admit(loans, 0, 1));
	ck_assert(!loans_admit(loans, 0, 2));
	ck_assert(!loans_admit(loans, 0, 1));
	loans_dismiss(loans, 0, 2);
	ck_assert(loans_admit(loans, 0, 1));
	ck_assert(!loans_admit(loans, 0, 2));
	/* What a worker had is free with its end. */
	loans_wait(loans, 0, 1, 2);
	loans_wait(loans, 0, 2, 1);
	ck_assert_uint_eq(loans_waiting(loans, 0), 3);
	loans_forget_worker(loans, 1);
	ck_assert_uint_eq(loans_waiting(loans, 0), 1);
	ck_assert_uint_eq(loans_waiting_of(loans, 0, 1), 0);
	ck_assert(loans_admit(loans, 0, 2));
	ck_assert(loans_admit(loans, 0, 2));
	ck_assert(loans_admit(loans, 0, 2));
	ck_assert(!loans_admit(loans, 0, 2));
}
END_TEST

START_TEST(one_wakes_the_generation)
{
	ck_assert(loans_wake(loans));
	ck_assert(!loans_wake(loans));
	loans_rest(loans);
	ck_assert(loans_wake(loans));
	ck_assert(!loans_are_queued(loans, 0));
	loans_tell(loans, 0, 2);
	ck_assert(loans_are_queued(loans, 0));
	ck_assert(!loans_are_queued(loans, 2));
}
END_TEST

/* Only who is forked meanwhile has the memory. */
START_TEST(others_have_not_the_memory)
{
	int i, status;
	pid_t pid;

	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(loans_share(loans, i == 1), 0);
		pid = fork();
		if (pid == 0) {
			loans_open(loans, 0);
			_exit(0);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status == 0, i == 1);
		ck_assert_uint_eq(loans_holder(loans, 0),
		    i == 1 ? LOANS_FREE : LOANS_CLOSED);
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("loans");
	Suite *s = suite_create("loans");
	SRunner *r;

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, members_belong_to_pools);
	tcase_add_test(t, one_has_a_member);
	tcase_add_test(t, a_member_is_closed_while_it_is_free);
	tcase_add_test(t, none_is_free_any_more);
	tcase_add_test(t, what_was_begun_is_known);
	tcase_add_test(t, what_has_not_arrived_does_not_count);
	tcase_add_test(t, so_many_are_admitted);
	tcase_add_test(t, one_wakes_the_generation);
	tcase_add_test(t, others_have_not_the_memory);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
