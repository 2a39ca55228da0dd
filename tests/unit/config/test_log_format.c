/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "config/log_format.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static const struct {
	const char *format;
	size_t wrong_at;
} wrong_formats[] = {
	{ "%", 0 },
	{ "a%", 1 },
	{ "%z", 0 },
	{ "%h %y", 3 },
	{ "%{", 0 },
	{ "%{X", 0 },
	{ "%{X}", 0 },
	{ "%{X}x", 0 },
	{ "%{}i", 0 },
	{ "%{a b}i", 0 },
	{ "%>", 0 },
	{ "%>b", 0 },
	{ "%{m}T", 0 },
	{ "%{route}", 0 },
	{ "%{X}n", 0 },
	{ "%400r", 0 },
	{ "a\nb", 1 },
	{ "\x1b", 0 },
	{ "\xe4", 0 },
	{ "\\", 0 },
	{ "%{0123456789012345678901234567890123456789"
	  "012345678901234567890123}i",
	    0 },
};

START_TEST(refuses_a_wrong_format)
{
	const char *format = wrong_formats[_i].format;

	ck_assert_ptr_eq(log_format_check(format),
	    format + wrong_formats[_i].wrong_at);
}
END_TEST

START_TEST(lists_only_directives_that_there_are)
{
	char list[512], *directive, *rest = list;

	ck_assert_uint_lt(strlen(log_format_directives()), sizeof(list));
	strcpy(list, log_format_directives());
	while ((directive = strtok_r(rest, " ", &rest)))
		ck_assert_msg(!log_format_check(directive), "%s", directive);
	ck_assert_str_eq(log_format_named("common"), LOG_FORMAT_COMMON);
	ck_assert_str_eq(log_format_named("combined"), LOG_FORMAT_COMBINED);
	ck_assert_str_eq(log_format_named("%h"), "%h");
}
END_TEST

START_TEST(takes_a_format_apart)
{
	const char *format = "a%>s%{X-Y}o%%%{Host}i";
	char name[LOG_NAME_BYTES];

	ck_assert_int_eq(log_format_next(&format, name), LOG_OCTET);
	ck_assert_str_eq(name, "a");
	ck_assert_int_eq(log_format_next(&format, name), LOG_STATUS);
	ck_assert_int_eq(log_format_next(&format, name), LOG_RESPONSE_FIELD);
	ck_assert_str_eq(name, "X-Y");
	ck_assert_int_eq(log_format_next(&format, name), LOG_PERCENT);
	ck_assert_int_eq(log_format_next(&format, name), LOG_REQUEST_FIELD);
	ck_assert_str_eq(name, "Host");
	ck_assert_str_eq(format, "");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("log_format");
	TCase *tests = tcase_create("log_format");
	SRunner *runner = srunner_create(suite);

	tcase_add_loop_test(tests, refuses_a_wrong_format, 0,
	    COUNT(wrong_formats));
	tcase_add_test(tests, lists_only_directives_that_there_are);
	tcase_add_test(tests, takes_a_format_apart);
	suite_add_tcase(suite, tests);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
