/*
 * Tally: what a process counts of its requests.
 *
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/tally.h"

START_TEST(a_bucket_has_the_durations_below_its_bound)
{
	uint64_t least = 0, bound;
	size_t i;

	for (i = 0; i < TALLY_BUCKETS; i++) {
		bound = prong_stats_bound_us(i);
		ck_assert_uint_eq(tally_bucket(least), i);
		ck_assert_uint_eq(tally_bucket(bound - 1), i);
		ck_assert(i < 2 || i == TALLY_BUCKETS - 1 ||
		    (bound - least) * 4 <= bound);
		least = bound;
	}
	ck_assert_uint_eq(tally_bucket(UINT64_MAX), TALLY_BUCKETS - 1);
	ck_assert_uint_eq(prong_stats_bound_us(TALLY_BUCKETS - 1), UINT64_MAX);
	ck_assert_uint_eq(prong_stats_bound_us(TALLY_BUCKETS - 2),
	    UINT64_C(1) << 26);
}
END_TEST

static struct tally tally;

START_TEST(a_request_is_counted_once_in_each_table)
{
	struct tally_cell *cell = tally_claim(&tally, 3, "echo", "");

	ck_assert_ptr_eq(tally_claim(&tally, 4, "echo", ""), cell);
	ck_assert_ptr_ne(tally_claim(&tally, 5, "echo", "/a"), cell);
	tally_count(&tally, cell, 200, 0, 9);
	tally_count(&tally, cell, 404, 0, 90);
	tally_count(&tally, cell, 418, 7, 5);
	tally_count(&tally, cell, 599, 7, 5);
	tally_count(&tally, cell, 0, 1, 6);
	ck_assert_uint_eq(cell->counts.responses[0], 1);
	ck_assert_uint_eq(cell->counts.responses[2], 1);
	ck_assert_uint_eq(cell->counts.responses[4], 2);
	ck_assert_uint_eq(cell->counts.responses[5], 1);
	ck_assert_uint_eq(cell->counts.sum_us, 115);
	ck_assert_uint_eq(cell->counts.max_us, 90);
	ck_assert_uint_eq(cell->counts.buckets[0], 3);
	ck_assert_uint_eq(tally.methods[7], 2);
	ck_assert_uint_eq(tally.errors[1], 1);
	ck_assert_uint_eq(tally.errors[TALLY_ERRORS - 2], 1);
	ck_assert_uint_eq(tally.errors[TALLY_ERRORS - 1], 1);
	ck_assert_uint_eq(tally.cell_of[3], tally.cell_of[4]);
}
END_TEST

START_TEST(handlers_beyond_the_last_cell_share_it)
{
	struct tally_cell *cell = NULL;
	char name[16];
	size_t i;

	for (i = 0; i < TALLY_CELLS + 3; i++) {
		snprintf(name, sizeof(name), "h%zu", i);
		cell = tally_claim(&tally, i, name, "");
		ck_assert_ptr_nonnull(cell);
		ck_assert_str_eq(cell->handler,
		    i < TALLY_CELLS - 1 ? name : TALLY_OTHER);
	}
	ck_assert_uint_eq(tally.used, TALLY_CELLS);
	ck_assert_str_eq(tally_find(&tally, "h3", "")->handler, "h3");
	tally.used = TALLY_CELLS + 1;
	ck_assert_ptr_null(tally_find(&tally, "h3", ""));
}
END_TEST

START_TEST(sums_have_the_largest_duration)
{
	struct tally_counts sum = { .max_us = 5, .sum_us = 7 };
	const struct tally_counts more = { .max_us = 4, .sum_us = 8 };

	tally_add(&sum, &more);
	ck_assert_uint_eq(sum.max_us, 5);
	ck_assert_uint_eq(sum.sum_us, 15);
	tally_less(&sum, &more);
	ck_assert_uint_eq(sum.sum_us, 7);
	tally_less(&sum, &more);
	ck_assert_uint_eq(sum.sum_us, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("tally");
	TCase *tcase = tcase_create("tally");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, a_bucket_has_the_durations_below_its_bound);
	tcase_add_test(tcase, a_request_is_counted_once_in_each_table);
	tcase_add_test(tcase, handlers_beyond_the_last_cell_share_it);
	tcase_add_test(tcase, sums_have_the_largest_duration);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
