/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
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

static const struct log_format *
parsed(const char *format)
{
	static struct arena arena;
	static max_align_t block[64];

	arena_init(&arena, block, sizeof(block));
	return log_format_parse(format, &arena);
}

START_TEST(takes_a_format_apart)
{
	static const struct log_format_piece pieces[] = {
		{ LOG_TEXT, "ab ", 3 },
		{ LOG_STATUS, "", 0 },
		{ LOG_RESPONSE_FIELD, "X-Y", 3 },
		{ LOG_PERCENT, "", 0 },
		{ LOG_CLIENT, "", 0 },
		{ LOG_TEXT, "c", 1 },
		{ LOG_REQUEST_FIELD, "Host", 4 },
		{ LOG_TEXT, "d", 1 },
	};
	const struct log_format *f = parsed("ab %>s%{X-Y}o%%%ac%{Host}id");
	int i;

	ck_assert(!f->is_json);
	ck_assert_uint_eq(f->clients, 1);
	ck_assert_int_eq((int)f->count, COUNT(pieces));
	for (i = 0; i < COUNT(pieces); i++) {
		ck_assert_int_eq(f->pieces[i].piece, pieces[i].piece);
		ck_assert_str_eq(f->pieces[i].text, pieces[i].text);
		ck_assert_uint_eq(f->pieces[i].length, pieces[i].length);
	}
}
END_TEST

START_TEST(knows_json_and_nothing)
{
	ck_assert(parsed(LOG_FORMAT_JSON)->is_json);
	ck_assert_uint_eq(parsed(LOG_FORMAT_JSON)->count, 0);
	ck_assert(!parsed("")->is_json);
	ck_assert_uint_eq(parsed("")->count, 0);
	ck_assert_uint_eq(parsed("%h%h %h")->clients, 3);
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
	tcase_add_test(tests, knows_json_and_nothing);
	suite_add_tcase(suite, tests);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
