/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>

#include "master/restart.h"

static const struct {
	int64_t lived_ms, delay_ms;
} lives[] = {
	{ 0, 0 },
	{ 0, 100 },
	{ 999, 200 },
	{ 0, 400 },
	{ 0, 800 },
	{ 0, 1600 },
	{ 0, 3200 },
	{ 0, 5000 },
	{ 0, 5000 },
	/* A life of its own. */
	{ 1000, 0 },
	{ 0, 100 },
};

START_TEST(the_delay_doubles_up_to_a_limit)
{
	struct restart r = RESTART_NONE;
	int64_t now_ms = 10000;
	size_t i;

	ck_assert_int_eq(r.due_ms, INT64_MAX);
	for (i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
		restart_plan(&r, lives[i].lived_ms, now_ms);
		ck_assert_int_eq(r.due_ms, now_ms + lives[i].delay_ms);
		now_ms = r.due_ms;
	}
}
END_TEST

START_TEST(a_cancelled_one_is_not_due_and_keeps_its_delay)
{
	struct restart r = RESTART_NONE;

	restart_plan(&r, 0, 1000);
	restart_cancel(&r);
	ck_assert_int_eq(r.due_ms, INT64_MAX);
	restart_plan(&r, 0, 1000);
	ck_assert_int_eq(r.due_ms, 1100);
}
END_TEST

START_TEST(a_renewal_is_allowed_once_a_minute)
{
	struct restart r = RESTART_NONE;

	ck_assert(restart_renew(&r, 1000));
	ck_assert(!restart_renew(&r, 1000));
	ck_assert(!restart_renew(&r, 60999));
	ck_assert(restart_renew(&r, 61000));
	ck_assert(!restart_renew(&r, 61001));
	/* Another cause, with its own interval. */
	ck_assert(restart_follow(&r, 61001));
	ck_assert(!restart_follow(&r, 71000));
	ck_assert(restart_follow(&r, 71001));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("restart");
	TCase *tests = tcase_create("restart");
	SRunner *runner = srunner_create(suite);

	tcase_add_test(tests, the_delay_doubles_up_to_a_limit);
	tcase_add_test(tests, a_cancelled_one_is_not_due_and_keeps_its_delay);
	tcase_add_test(tests, a_renewal_is_allowed_once_a_minute);
	suite_add_tcase(suite, tests);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
