/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "http/conditional.h"
#include "unit/guard.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

/* The representation: changed on Sun, 06 Nov 1994 08:49:37 GMT. */
#define CHANGED INT64_C(784111777)
#define NOW	INT64_C(1767225600)
#define AT	"Sun, 06 Nov 1994 08:49:37 GMT"
#define BEFORE	"Sun, 06 Nov 1994 08:49:36 GMT"
#define AFTER	"Sun, 06 Nov 1994 08:49:38 GMT"

enum {
	OK = CONDITIONAL_PROCEED,
	S304 = CONDITIONAL_NOT_MODIFIED,
	S412 = CONDITIONAL_FAILED
};

/* Which validators the representation has. */
enum { STRONG, WEAK, DATE_ONLY, TAG_ONLY, NEITHER, CORRUPT };

static const struct conditional_validators representations[] = {
	[STRONG] = { "\"abc\"", true, CHANGED },
	[WEAK] = { "W/\"abc\"", true, CHANGED },
	[DATE_ONLY] = { NULL, true, CHANGED },
	[TAG_ONLY] = { "\"abc\"", false, 0 },
	[NEITHER] = { NULL, false, 0 },
	[CORRUPT] = { "abc", true, CHANGED },
};

/* Lines of "name: value" that LF divides. The last ends at the guard. */
static size_t
split_fields(const char *text, struct http_field *fields, size_t max)
{
	struct slice rest = guard_text(text);
	size_t count = 0;

	while (rest.len > 0) {
		const char *end = memchr(rest.data, '\n', rest.len);
		struct slice line = rest;
		size_t name;

		if (end)
			line.len = (size_t)(end - rest.data);
		name = (size_t)((const char *)memchr(line.data, ':', line.len) -
		    line.data);
		ck_assert_uint_lt(count, max);
		fields[count].name = (struct slice){ line.data, name };
		fields[count++].value = slice_trim(slice_skip(line, name + 1));
		rest = slice_skip(rest, line.len + (end ? 1 : 0));
	}
	return count;
}

static const struct {
	int expected;
	const char *method;
	int representation;
	const char *fields;
} checks[] = {
	{ OK, "GET", STRONG, "" },
	{ OK, "GET", NEITHER, "" },
	/* If-None-Match: weak comparison. */
	{ S304, "GET", STRONG, "If-None-Match: \"abc\"" },
	{ S304, "HEAD", STRONG, "if-none-match: \"abc\"" },
	{ S412, "PUT", STRONG, "If-None-Match: \"abc\"" },
	{ S412, "POST", STRONG, "If-None-Match: \"abc\"" },
	{ S412, "get", STRONG, "If-None-Match: \"abc\"" },
	{ S304, "GET", STRONG, "If-None-Match: W/\"abc\"" },
	{ S304, "GET", WEAK, "If-None-Match: \"abc\"" },
	{ S304, "GET", WEAK, "If-None-Match: W/\"abc\"" },
	{ OK, "GET", STRONG, "If-None-Match: \"ab\"" },
	{ OK, "GET", STRONG, "If-None-Match: \"xabc\"" },
	{ OK, "GET", STRONG, "If-None-Match: \"abcd\"" },
	{ OK, "GET", STRONG, "If-None-Match: \"ABC\"" },
	{ OK, "GET", STRONG, "If-None-Match: \"\"" },
	{ OK, "GET", STRONG, "If-None-Match: abc" },
	{ OK, "GET", STRONG, "If-None-Match: w/\"abc\"" },
	{ OK, "GET", STRONG, "If-None-Match: W\"abc\"" },
	{ OK, "GET", STRONG, "If-None-Match: W/ \"abc\"" },
	{ OK, "GET", STRONG, "If-None-Match: \"abc" },
	{ OK, "GET", STRONG, "If-None-Match: 'abc'" },
	{ OK, "GET", STRONG, "If-None-Match:" },
	{ S304, "GET", STRONG, "If-None-Match: *" },
	{ S304, "GET", NEITHER, "If-None-Match: *" },
	{ S412, "PUT", NEITHER, "If-None-Match: *" },
	{ OK, "GET", STRONG, "If-None-Match: \"*\"" },
	{ OK, "GET", STRONG, "If-None-Match: *, \"x\"" },
	{ OK, "GET", NEITHER, "If-None-Match: \"abc\"" },
	{ OK, "GET", DATE_ONLY, "If-None-Match: \"abc\"" },
	{ OK, "GET", CORRUPT, "If-None-Match: abc" },
	/* Lists. */
	{ S304, "GET", STRONG, "If-None-Match: \"x\",\t\"abc\" , \"z\"" },
	{ S304, "GET", STRONG, "If-None-Match: ,, \"abc\"," },
	{ S304, "GET", STRONG, "If-None-Match: \"a,b\",\"abc\"" },
	{ OK, "GET", STRONG, "If-None-Match: \"x,\"abc\",y\"" },
	{ S304, "GET", STRONG, "If-None-Match: \"x\\\",\"abc\"" },
	{ OK, "GET", STRONG, "If-None-Match: \"x\" \"abc\"" },
	{ OK, "GET", STRONG, "If-None-Match: \"abc\"x" },
	{ OK, "GET", STRONG, "If-None-Match: x, \"abc\"" },
	{ OK, "GET", STRONG, "If-None-Match: \"x y\", \"abc\"" },
	{ S304, "GET", STRONG, "If-None-Match: \"x\"\nIf-None-Match: \"abc\"" },
	{ S304, "GET", STRONG, "If-None-Match: x\nIf-None-Match: \"abc\"" },
	/* If-Match: strong comparison. */
	{ OK, "GET", STRONG, "If-Match: \"abc\"" },
	{ OK, "PUT", STRONG, "If-Match: \"abc\"" },
	{ S412, "PUT", STRONG, "If-Match: \"x\"" },
	{ S412, "GET", STRONG, "If-Match: \"x\"" },
	{ S412, "HEAD", STRONG, "If-Match: \"x\"" },
	{ S412, "PUT", STRONG, "If-Match: W/\"abc\"" },
	{ S412, "PUT", WEAK, "If-Match: \"abc\"" },
	{ S412, "PUT", WEAK, "If-Match: W/\"abc\"" },
	{ OK, "PUT", STRONG, "If-Match: *" },
	{ OK, "PUT", NEITHER, "If-Match: *" },
	{ S412, "PUT", NEITHER, "If-Match: \"abc\"" },
	{ S412, "PUT", STRONG, "If-Match:" },
	{ S412, "PUT", STRONG, "If-Match: abc" },
	{ OK, "PUT", STRONG, "If-Match: \"x\", \t\"abc\" , \"y\"" },
	{ OK, "PUT", STRONG, "If-Match: \"x\"\nIf-Match: \"abc\"" },
	{ S412, "PUT", STRONG, "If-Match: \"x\"\nIf-Match: \"y\"" },
	/* If-Modified-Since. */
	{ S304, "GET", STRONG, "If-Modified-Since: " AT },
	{ S304, "HEAD", STRONG, "If-Modified-Since: " AT },
	{ S304, "GET", DATE_ONLY, "If-Modified-Since: " AFTER },
	{ OK, "GET", STRONG, "If-Modified-Since: " BEFORE },
	{ S304, "GET", STRONG,
	    "If-Modified-Since: "
	    "Sunday, 06-Nov-94 08:49:37 GMT" },
	{ S304, "GET", STRONG, "If-Modified-Since: Sun Nov  6 08:49:37 1994" },
	{ S304, "GET", STRONG,
	    "If-Modified-Since: "
	    "Wed, 08 Jul 2037 22:53:52 GMT" },
	{ S304, "GET", STRONG,
	    "If-Modified-Since: "
	    "Tue, 19 Jan 2038 03:14:08 GMT" },
	{ OK, "GET", STRONG,
	    "If-Modified-Since: "
	    "Thu, 01 Jan 1970 00:00:00 GMT" },
	{ OK, "PUT", STRONG, "If-Modified-Since: " AT },
	{ OK, "POST", STRONG, "If-Modified-Since: " AFTER },
	{ OK, "GET", TAG_ONLY, "If-Modified-Since: " AFTER },
	{ OK, "GET", STRONG, "If-Modified-Since: tomorrow" },
	{ OK, "GET", STRONG, "If-Modified-Since:" },
	{ OK, "GET", STRONG,
	    "If-Modified-Since: "
	    "Sat, 29 Foo 2035 19:43:31 GMT" },
	{ OK, "GET", STRONG,
	    "If-Modified-Since: "
	    "Sat, 29 Dec 2035 25:43:31 GMT" },
	{ OK, "GET", STRONG, "If-Modified-Since: " AT ", " AFTER },
	{ OK, "GET", STRONG,
	    "If-Modified-Since: " AT "\n"
	    "If-Modified-Since: " AT },
	{ S304, "GET", STRONG,
	    "If-Modified-Since2: " BEFORE "\n"
	    "If-Modified-Since: " AT },
	/* If-Unmodified-Since. */
	{ OK, "PUT", STRONG, "If-Unmodified-Since: " AT },
	{ OK, "GET", STRONG, "If-Unmodified-Since: " AFTER },
	{ S412, "PUT", STRONG, "If-Unmodified-Since: " BEFORE },
	{ S412, "GET", STRONG, "If-Unmodified-Since: " BEFORE },
	{ OK, "PUT", STRONG, "If-Unmodified-Since: yesterday" },
	{ OK, "PUT", TAG_ONLY, "If-Unmodified-Since: " BEFORE },
	{ OK, "PUT", STRONG,
	    "If-Unmodified-Since: " BEFORE "\n"
	    "If-Unmodified-Since: " BEFORE },
	/* The order of RFC 9110 13.2.2. */
	{ OK, "GET", STRONG, "If-None-Match: \"x\"\nIf-Modified-Since: " AT },
	{ OK, "GET", STRONG, "If-None-Match:\nIf-Modified-Since: " AT },
	{ S304, "GET", STRONG,
	    "If-None-Match: \"abc\"\n"
	    "If-Modified-Since: " BEFORE },
	{ OK, "GET", DATE_ONLY,
	    "If-None-Match: \"abc\"\n"
	    "If-Modified-Since: " AT },
	{ OK, "PUT", STRONG,
	    "If-Match: \"abc\"\n"
	    "If-Unmodified-Since: " BEFORE },
	{ S412, "PUT", STRONG, "If-Match: \"x\"\nIf-Unmodified-Since: " AT },
	{ S412, "GET", STRONG, "If-Match: \"x\"\nIf-None-Match: \"abc\"" },
	{ S304, "GET", STRONG, "If-Match: \"abc\"\nIf-None-Match: \"abc\"" },
	{ S412, "PUT", STRONG, "If-Match: \"abc\"\nIf-None-Match: *" },
	{ S412, "GET", STRONG,
	    "If-Unmodified-Since: " BEFORE "\n"
	    "If-None-Match: \"abc\"" },
	{ S304, "GET", STRONG,
	    "If-Unmodified-Since: " AT "\n"
	    "If-Modified-Since: " AT },
	/* 13.2.1: not for these methods. */
	{ OK, "OPTIONS", STRONG, "If-None-Match: *" },
	{ OK, "OPTIONS", STRONG, "If-Match: \"x\"" },
	{ OK, "TRACE", STRONG, "If-Match: \"x\"" },
	{ OK, "CONNECT", STRONG, "If-Unmodified-Since: " BEFORE },
};

START_TEST(evaluates_conditions)
{
	struct http_field fields[4];
	size_t count = split_fields(checks[_i].fields, fields, 4);
	int got;

	got = (int)conditional_check(slice_from_string(checks[_i].method),
	    fields, count, &representations[checks[_i].representation], NOW);
	ck_assert_msg(got == checks[_i].expected, "%s with %s: %d",
	    checks[_i].method, checks[_i].fields, got);
}
END_TEST

static const struct {
	bool expected;
	const char *method;
	int representation;
	const char *fields;
} ranges[] = {
	{ true, "GET", STRONG, "Range: bytes=0-4" },
	{ true, "GET", NEITHER, "Range: bytes=0-4" },
	{ false, "GET", STRONG, "" },
	{ false, "GET", STRONG, "If-Range: \"abc\"" },
	{ false, "HEAD", STRONG, "Range: bytes=0-4" },
	{ false, "POST", STRONG, "Range: bytes=0-4" },
	{ false, "GET", STRONG, "Range: bytes=0-4\nRange: bytes=0-4" },
	{ true, "GET", STRONG, "Range: x\nIf-Range: \"abc\"" },
	{ false, "GET", STRONG, "Range: x\nIf-Range: \"x\"" },
	{ false, "GET", STRONG, "Range: x\nIf-Range: W/\"abc\"" },
	{ false, "GET", WEAK, "Range: x\nIf-Range: \"abc\"" },
	{ false, "GET", WEAK, "Range: x\nIf-Range: W/\"abc\"" },
	{ false, "GET", DATE_ONLY, "Range: x\nIf-Range: \"abc\"" },
	{ false, "GET", STRONG, "Range: x\nIf-Range: abc" },
	{ false, "GET", STRONG, "Range: x\nIf-Range:" },
	{ false, "GET", STRONG, "Range: x\nIf-Range: *" },
	{ false, "GET", STRONG, "Range: x\nIf-Range: \"x\", \"abc\"" },
	{ false, "GET", STRONG, "Range: x\nIf-Range: \"abc\", \"abc\"" },
	{ false, "GET", STRONG,
	    "Range: x\nIf-Range: \"abc\"\n"
	    "If-Range: \"abc\"" },
	{ true, "GET", STRONG, "Range: x\nIf-Range: " AT },
	{ true, "GET", WEAK, "Range: x\nIf-Range: " AT },
	{ true, "GET", STRONG,
	    "Range: x\nIf-Range: "
	    "Sunday, 06-Nov-94 08:49:37 GMT" },
	{ false, "GET", STRONG, "Range: x\nIf-Range: " BEFORE },
	{ false, "GET", STRONG, "Range: x\nIf-Range: " AFTER },
	{ false, "GET", TAG_ONLY, "Range: x\nIf-Range: " AT },
};

START_TEST(decides_whether_range_applies)
{
	struct http_field fields[4];
	size_t count = split_fields(ranges[_i].fields, fields, 4);
	bool got =
	    conditional_range_applies(slice_from_string(ranges[_i].method),
		fields, count, &representations[ranges[_i].representation],
		NOW);

	ck_assert_msg(got == ranges[_i].expected, "%s with %s",
	    ranges[_i].method, ranges[_i].fields);
}
END_TEST

START_TEST(takes_no_date_of_this_second_for_a_strong_validator)
{
	struct http_field fields[4];
	size_t count = split_fields("Range: x\nIf-Range: " AT, fields, 4);
	struct slice get = slice_from_string("GET");

	ck_assert(!conditional_range_applies(get, fields, count,
	    &representations[STRONG], CHANGED));
	ck_assert(conditional_range_applies(get, fields, count,
	    &representations[STRONG], CHANGED + 1));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("conditional");
	TCase *tcase = tcase_create("conditional");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, evaluates_conditions, 0, COUNT(checks));
	tcase_add_loop_test(tcase, decides_whether_range_applies, 0,
	    COUNT(ranges));
	tcase_add_test(tcase,
	    takes_no_date_of_this_second_for_a_strong_validator);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
