/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>

#include "base/slice.h"
#include "unit/guard.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static const struct {
	const char *a, *b;
	bool equal, equal_nocase;
} pairs[] = {
	{ "", "", true, true },
	{ "a", "", false, false },
	{ "", "a", false, false },
	{ "host", "host", true, true },
	{ "host", "HOST", false, true },
	{ "host", "hosts", false, false },
	{ "hosts", "host", false, false },
	/* Octets that differ from a letter, or from each other, by 0x20. */
	{ "[", "{", false, false },
	{ "@", "`", false, false },
	{ "\r", "-", false, false },
	{ "\xc4", "\xe4", false, false },
};

START_TEST(compares)
{
	struct slice a = guard_text(pairs[_i].a), b = guard_text(pairs[_i].b);

	ck_assert_int_eq(slice_equal(a, b), pairs[_i].equal);
	ck_assert_int_eq(slice_equal_nocase(a, b), pairs[_i].equal_nocase);
	ck_assert_int_eq(slice_is(a, pairs[_i].b), pairs[_i].equal);
	ck_assert_int_eq(slice_same_name(pairs[_i].a, pairs[_i].b),
	    pairs[_i].equal_nocase);
	ck_assert_int_eq(slice_is_nocase(a, pairs[_i].b),
	    pairs[_i].equal_nocase);
}
END_TEST

static const struct {
	const char *text, *trimmed;
} trims[] = {
	{ "", "" },
	{ " ", "" },
	{ " \t ", "" },
	{ "a", "a" },
	{ "\t a b\t", "a b" },
	{ "a ", "a" },
	{ " a", "a" },
	{ "\va\f", "\va\f" },
	{ "\r\na", "\r\na" },
};

START_TEST(trims_spaces_and_tabs_alone)
{
	struct slice got = slice_trim(guard_text(trims[_i].text));

	ck_assert_msg(slice_is(got, trims[_i].trimmed), "\"%s\"",
	    trims[_i].text);
}
END_TEST

static const struct {
	const char *text;
	bool valid;
	uint64_t number;
} numbers[] = {
	{ "0", true, 0 },
	{ "5", true, 5 },
	{ "007", true, 7 },
	{ "18446744073709551614", true, UINT64_MAX - 1 },
	{ "18446744073709551615", true, UINT64_MAX },
	{ "18446744073709551616", true, UINT64_MAX },
	{ "18446744073709551621", true, UINT64_MAX },
	{ "99999999999999999999999999999999", true, UINT64_MAX },
	{ "", false, 0 },
	{ "+1", false, 0 },
	{ "-1", false, 0 },
	{ " 1", false, 0 },
	{ "1 ", false, 0 },
	{ "0x1", false, 0 },
	{ "1a", false, 0 },
	{ "1:", false, 0 },
	{ "1/", false, 0 },
	{ "\xb2", false, 0 },
};

START_TEST(reads_numbers)
{
	uint64_t number = 42;

	ck_assert_msg(slice_parse_number(guard_text(numbers[_i].text),
			  &number) == numbers[_i].valid,
	    "\"%s\"", numbers[_i].text);
	ck_assert_uint_eq(number, numbers[_i].valid ? numbers[_i].number : 42);
}
END_TEST

START_TEST(takes_an_empty_slice_without_data)
{
	struct slice none = { NULL, 0 };
	uint64_t number;

	ck_assert(slice_equal(none, none));
	ck_assert(slice_is(none, ""));
	ck_assert_uint_eq(slice_trim(slice_skip(none, 0)).len, 0);
	ck_assert(!slice_parse_number(none, &number));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("slice");
	TCase *tcase = tcase_create("slice");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, compares, 0, COUNT(pairs));
	tcase_add_loop_test(tcase, trims_spaces_and_tabs_alone, 0,
	    COUNT(trims));
	tcase_add_loop_test(tcase, reads_numbers, 0, COUNT(numbers));
	tcase_add_test(tcase, takes_an_empty_slice_without_data);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
