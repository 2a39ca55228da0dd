/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>

#include "generation/children.h"

START_TEST(finds_a_child_by_its_pid_until_it_is_removed)
{
	struct children *c = children_new(3, 0, false);
	size_t slot = 99;

	ck_assert_ptr_nonnull(c);
	children_add(c, 100);
	children_add(c, 108); /* the same bucket of 8 */
	children_add(c, 101);
	ck_assert_int_eq(children_find(c, 108, &slot)->pid, 108);
	ck_assert_uint_eq(slot, 1);
	ck_assert_ptr_null(children_find(c, 116, &slot));
	children_remove(c, 100);
	ck_assert_ptr_null(children_find(c, 100, &slot));
	ck_assert_int_eq(children_find(c, 108, &slot)->pid, 108);
}
END_TEST

START_TEST(uses_the_slot_freed_last_first)
{
	struct children *c = children_new(8, 0, false);

	children_add(c, 1);
	children_add(c, 2);
	children_add(c, 3);
	children_remove(c, 2);
	ck_assert_uint_eq(children_next_slot(c), 1);
	children_add(c, 4);
	ck_assert_uint_eq(children_next_slot(c), 3);
}
END_TEST

/* With as many slots as there are, and no more children at a time than max. */
START_TEST(never_uses_a_retired_slot_again)
{
	enum { MAX = 5 };
	struct children *c = children_new(MAX, 0, true);
	const size_t slots = children_slots(c);
	char used[1000] = { 0 };
	size_t i;

	ck_assert_uint_gt(slots, MAX);
	ck_assert_uint_eq(slots, children_slots_for(MAX, 0));
	for (i = 0; i < slots; i++) {
		ck_assert(children_have_slot(c));
		ck_assert_int_eq(used[children_next_slot(c)]++, 0);
		ck_assert(!children_are_short(c) || i >= (slots - MAX) / 2);
		children_add(c, 100);
		children_retire(c, 100);
		ck_assert_uint_eq(children_count(c), 0);
	}
	ck_assert(!children_have_slot(c));
}
END_TEST

START_TEST(asks_once_when_slots_are_few)
{
	struct children *c = children_new(1, 0, true);
	size_t i, asked = 0;

	for (i = 0; i < children_slots(c); i++) {
		children_add(c, 100);
		children_retire(c, 100);
		asked += children_are_short(c);
	}
	ck_assert_uint_eq(asked, 1);
}
END_TEST

START_TEST(agrees_with_a_plain_list)
{
	enum { PIDS = 512, MAX = 40 };
	struct children *c = children_new(MAX, 0, false);
	char living[PIDS] = { 0 };
	size_t slot, count = 0;
	int step, pid;

	srand(1);
	for (step = 0; step < 20000; step++) {
		pid = 1 + rand() % (PIDS - 1);
		if (living[pid]) {
			children_remove(c, pid);
			count--;
		} else if (count < MAX) {
			children_add(c, pid);
			count++;
		} else {
			continue;
		}
		living[pid] ^= 1;
		ck_assert_uint_eq(children_count(c), count);
		for (pid = 1; pid < PIDS; pid++)
			ck_assert_int_eq(children_find(c, pid, &slot) ? 1 : 0,
			    living[pid]);
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("children");
	Suite *s = suite_create("children");
	SRunner *r;

	tcase_set_timeout(t, 120);
	tcase_add_test(t, finds_a_child_by_its_pid_until_it_is_removed);
	tcase_add_test(t, uses_the_slot_freed_last_first);
	tcase_add_test(t, never_uses_a_retired_slot_again);
	tcase_add_test(t, asks_once_when_slots_are_few);
	tcase_add_test(t, agrees_with_a_plain_list);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
