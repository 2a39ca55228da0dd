/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/fields.h"
#include "unit/guard.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define S(text) \
	{ \
		text, sizeof(text) - 1 \
	}

static const struct http_field lines[] = {
	{ S("Host"), S("a") },
	{ S("accept"), S("x, y") },
	{ S("Accept-Encoding"), S("gzip;q=0.5") },
	{ S("ACCEPT"), S("") },
	{ S("Accept"), S(" , z") },
	{ S("accept-encoding"), S("br, *;q=0.1") },
};

START_TEST(finds_a_line_in_any_case)
{
	ck_assert_ptr_eq(fields_find(lines, 6, "Accept"), &lines[1]);
	ck_assert_ptr_eq(fields_find(lines, 6, "HOST"), &lines[0]);
	ck_assert_ptr_null(fields_find(lines, 6, "Accep"));
	ck_assert_ptr_null(fields_find(lines, 6, "Accept-"));
	ck_assert_ptr_null(fields_find(lines, 0, "Host"));
	ck_assert_ptr_null(fields_find(NULL, 0, "Host"));
}
END_TEST

START_TEST(counts_lines)
{
	ck_assert_uint_eq(fields_count(lines, 6, "accept"), 3);
	ck_assert_uint_eq(fields_count(lines, 6, "host"), 1);
	ck_assert_uint_eq(fields_count(lines, 6, "te"), 0);
}
END_TEST

START_TEST(knows_every_octet)
{
	static const char tchars[] =
	    "!#$%&'*+-.^_`|~0123456789"
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	int octet;

	for (octet = 0; octet < 256; octet++) {
		bool tchar = octet != 0 && strchr(tchars, octet);
		bool value = octet == '\t' || (octet >= ' ' && octet != 0x7f);

		ck_assert_int_eq(fields_is_tchar((unsigned char)octet), tchar);
		ck_assert_int_eq(fields_is_value_octet((unsigned char)octet),
		    value);
	}
}
END_TEST

static const struct {
	const char *title;
	struct slice text;
	bool token, value;
} texts[] = {
	{ "nothing", S(""), false, true },
	{ "letters", S("gzip"), true, true },
	{ "all else in a token", S("!#$%&'*+-.^_`|~9"), true, true },
	{ "a space", S("a b"), false, true },
	{ "a space in front", S(" a"), false, false },
	{ "a tab behind", S("a\t"), false, false },
	{ "a NUL", S("a\0b"), false, false },
	{ "a CR", S("a\rb"), false, false },
	{ "an LF", S("a\nb"), false, false },
	{ "CRLF and a field", S("a\r\nSet-Cookie: b"), false, false },
	{ "DEL", S("a\x7f"), false, false },
	{ "obs-text", S("caf\xc3\xa9"), false, true },
	{ "a colon", S("a:"), false, true },
	{ "a slash", S("a/b"), false, true },
};

START_TEST(tells_tokens_and_values)
{
	struct slice text = guard_slice(texts[_i].text.data,
	    texts[_i].text.len);

	ck_assert_msg(fields_is_token(text) == texts[_i].token, "%s",
	    texts[_i].title);
	ck_assert_msg(fields_is_value(text) == texts[_i].value, "%s",
	    texts[_i].title);
}
END_TEST

static const struct {
	const char *list, *members; /* each in <> */
} lists[] = {
	{ "", "" },
	{ ",", "" },
	{ " , ,\t,, ", "" },
	{ "a", "<a>" },
	{ "a,b", "<a><b>" },
	{ ",a,,b,", "<a><b>" },
	{ " a \t,\tb ", "<a><b>" },
	{ "a b", "<a b>" },
	{ "\"a,b\",c", "<\"a,b\"><c>" },
	{ "x=\"a,b\" , c", "<x=\"a,b\"><c>" },
	{ "\"a\\\",b\",c", "<\"a\\\",b\"><c>" },
	{ "\"a\\\\\",b", "<\"a\\\\\"><b>" },
	{ "\"a,b", "<\"a,b>" },
	{ "a,\"", "<a><\">" },
	{ "a,\"\\", "<a><\"\\>" },
	{ "a\\,b", "<a\\><b>" },
	{ "a;q=0.5,b;q=1", "<a;q=0.5><b;q=1>" },
};

START_TEST(takes_lists_apart)
{
	struct slice rest = guard_text(lists[_i].list), member;
	char got[256] = "";

	while (fields_next_member(&rest, &member)) {
		strcat(got, "<");
		strncat(got, member.data, member.len);
		strcat(got, ">");
	}
	ck_assert_str_eq(got, lists[_i].members);
}
END_TEST

/* A list of nothing but commas, quotes or both is over as soon as it is read:
 * a quadratic walk would take minutes here. */
START_TEST(walks_in_linear_time)
{
	static const char *const pieces[] = { ",", "\"", "\",", "a,", "\\",
		"a;q=1,", ";" };
	static char text[16 * 1024 * 1024];
	size_t n = strlen(pieces[_i]);
	struct slice list = { text, sizeof(text) }, member;
	clock_t start = clock();

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = pieces[_i][i % n];
	while (fields_next_member(&list, &member))
		continue;
	ck_assert_int_lt((clock() - start) / CLOCKS_PER_SEC, 20);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("fields");
	TCase *tcase = tcase_create("fields");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, finds_a_line_in_any_case);
	tcase_add_test(tcase, counts_lines);
	tcase_add_test(tcase, knows_every_octet);
	tcase_add_loop_test(tcase, tells_tokens_and_values, 0, COUNT(texts));
	tcase_add_loop_test(tcase, takes_lists_apart, 0, COUNT(lists));
	tcase_add_loop_test(tcase, walks_in_linear_time, 0, 7);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
