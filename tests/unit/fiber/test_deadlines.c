/* SPDX-License-Identifier: ISC */
#include "fiber/deadlines.h"

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#define COUNT  300
#define STEPS  200000
#define AT_MAX 100 /* so many are equal */

static struct {
	struct deadline deadline;
	bool is_added;
} rows[COUNT];

static struct deadlines deadlines;

/* The earliest by a search of all; INT64_MAX: none. */
static int64_t
earliest(void)
{
	int64_t at_ms = INT64_MAX;

	for (size_t i = 0; i < COUNT; i++)
		if (rows[i].is_added && rows[i].deadline.at_ms < at_ms)
			at_ms = rows[i].deadline.at_ms;
	return at_ms;
}

static void
change(size_t i)
{
	if (rows[i].is_added)
		deadlines_remove(&deadlines, &rows[i].deadline);
	else
		deadlines_add(&deadlines, &rows[i].deadline, random() % AT_MAX);
	rows[i].is_added = !rows[i].is_added;
}

START_TEST(knows_the_earliest_as_a_search_does)
{
	srandom(12);
	for (int step = 0; step < STEPS; step++) {
		change((size_t)random() % COUNT);
		if (!deadlines.first)
			ck_assert_int_eq(earliest(), INT64_MAX);
		else
			ck_assert_int_eq(deadlines.first->at_ms, earliest());
	}
}
END_TEST

START_TEST(gives_deadlines_in_their_order)
{
	int64_t last_ms = INT64_MIN;
	size_t count = 0;

	srandom(13);
	for (size_t i = 0; i < COUNT; i++)
		change(i);
	while (deadlines.first) {
		ck_assert_int_ge(deadlines.first->at_ms, last_ms);
		last_ms = deadlines.first->at_ms;
		deadlines_remove(&deadlines, deadlines.first);
		count++;
	}
	ck_assert_uint_eq(count, COUNT);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("deadlines");
	TCase *tcase = tcase_create("deadlines");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, knows_the_earliest_as_a_search_does);
	tcase_add_test(tcase, gives_deadlines_in_their_order);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
