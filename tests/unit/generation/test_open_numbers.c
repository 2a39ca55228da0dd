/* SPDX-License-Identifier: ISC */
#include "generation/open_numbers.h"

#include <check.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* A descriptor of each kind, at this number: poll(2), say, does not know those
 * of O_PATH. */
static int
open_file(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int
open_path(void)
{
	return open("/", O_PATH | O_CLOEXEC);
}

static int
open_event(void)
{
	return eventfd(0, EFD_CLOEXEC);
}

static const struct {
	int (*open)(void);
	int number;
} rows[] = {
	{ open_file, 300 },
	{ open_path, 300 },
	{ open_event, 300 },
	{ open_path, 511 },
	{ open_path, 512 },
	{ open_path, 900 },
	{ open_file, 900 },
};

static void
check_highest(int expected, bool knows_table)
{
	const int table = open_numbers_begin();
	const int next = open_file();

	ck_assert_int_ge(table, 0);
	close(next);
	ck_assert_int_eq(open_numbers_highest(knows_table ? table : -1),
	    expected);
	if (!knows_table)
		close(table);
	/* It is closed. */
	ck_assert_int_eq(fcntl(table, F_GETFD), -1);
}

START_TEST(the_highest_number_is_found)
{
	const int made = rows[_i].open();

	ck_assert_int_ge(made, 0);
	ck_assert_int_eq(fcntl(made, F_DUPFD_CLOEXEC, rows[_i].number),
	    rows[_i].number);
	close(made);
	check_highest(rows[_i].number, true);
	check_highest(rows[_i].number, false);
	close(rows[_i].number);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("open_numbers");
	TCase *tcase = tcase_create("open_numbers");
	SRunner *runner = srunner_create(suite);

	tcase_add_loop_test(tcase, the_highest_number_is_found, 0,
	    sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(suite, tcase);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
