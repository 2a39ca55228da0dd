/*
 * Annals: what generations have counted together.
 *
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/annals.h"

START_TEST(generations_add_to_the_same_series)
{
	const struct annals *shown[2] = { NULL, NULL };
	const struct tally_counts more = { .sum_us = 5, .max_us = 7 };
	const struct tally_counts less = { .sum_us = 1, .max_us = 3 };
	struct annals *annals[2];
	int fd = annals_new();

	ck_assert_int_ge(fd, 0);
	annals[0] = annals_map(fd, &shown[0]);
	annals[1] = annals_map(fd, &shown[1]);
	ck_assert_ptr_nonnull(annals[0]);
	ck_assert_ptr_nonnull(annals[1]);
	annals_begin(annals[0], "echo", "");
	annals_begin(annals[1], "flag", "");
	annals_begin(annals[1], "echo", "");
	annals_add(annals_find(annals[0], "echo", ""), &more);
	annals_add(annals_find(annals[1], "echo", ""), &less);
	ck_assert_ptr_null(annals_find(annals[1], "echo", "/"));
	if (shown[0]) {
		ck_assert_uint_eq(shown[0]->series[0].counts.sum_us, 6);
		ck_assert_uint_eq(shown[0]->series[0].counts.max_us, 7);
		ck_assert_str_eq(shown[0]->series[1].handler, "flag");
		ck_assert_int_lt(mprotect((void *)(uintptr_t)shown[0],
				     sizeof(*shown[0]), PROT_READ | PROT_WRITE),
		    0);
	}
	annals_unmap(annals[0], shown[0]);
	annals_unmap(annals[1], shown[1]);
	close(fd);
}
END_TEST

START_TEST(names_beyond_the_last_have_no_series)
{
	const struct annals *shown = NULL;
	struct annals *annals;
	char name[16];
	size_t i;
	int fd = annals_new();

	annals = annals_map(fd, &shown);
	ck_assert_ptr_nonnull(annals);
	for (i = 0; i < ANNALS_SERIES + 2; i++) {
		snprintf(name, sizeof(name), "h%zu", i);
		annals_begin(annals, name, "");
		ck_assert_int_eq(annals_find(annals, name, "") != NULL,
		    i < ANNALS_OTHER);
	}
	ck_assert_str_eq(annals->series[ANNALS_OTHER].handler, TALLY_OTHER);
	annals_unmap(annals, shown);
	close(fd);
}
END_TEST

/* A longer structure would lie beyond the end of the file. */
START_TEST(annals_of_another_release_are_not_used)
{
	const struct annals *shown = NULL;
	struct annals *annals;
	int fd = annals_new(), small;

	annals = annals_map(fd, &shown);
	ck_assert_ptr_nonnull(annals);
	annals->version++;
	annals_unmap(annals, shown);
	ck_assert_ptr_null(annals_map(fd, &shown));
	ck_assert_int_eq(errno, EPROTO);
	close(fd);
	small = memfd_create("small", MFD_CLOEXEC);
	ck_assert_int_eq(ftruncate(small, 4096), 0);
	ck_assert_ptr_null(annals_map(small, &shown));
	ck_assert_int_eq(errno, EPROTO);
	close(small);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("annals");
	TCase *tcase = tcase_create("annals");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, generations_add_to_the_same_series);
	tcase_add_test(tcase, names_beyond_the_last_have_no_series);
	tcase_add_test(tcase, annals_of_another_release_are_not_used);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
