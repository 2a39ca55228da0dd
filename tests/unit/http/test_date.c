/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/date.h"
#include "unit/guard.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

#define NOW	 INT64_C(1767225600) /* 1 January 2026 */

static const struct {
	int64_t seconds;
	const char *text;
} dates[] = {
	{ 784111777, "Sun, 06 Nov 1994 08:49:37 GMT" },
	{ 0, "Thu, 01 Jan 1970 00:00:00 GMT" },
	{ -1, "Wed, 31 Dec 1969 23:59:59 GMT" },
	{ -86400, "Wed, 31 Dec 1969 00:00:00 GMT" },
	{ -86401, "Tue, 30 Dec 1969 23:59:59 GMT" },
	{ 951782400, "Tue, 29 Feb 2000 00:00:00 GMT" },
	{ 951868799, "Tue, 29 Feb 2000 23:59:59 GMT" },
	{ 951868800, "Wed, 01 Mar 2000 00:00:00 GMT" },
	{ 1709164800, "Thu, 29 Feb 2024 00:00:00 GMT" },
	{ 2147483647, "Tue, 19 Jan 2038 03:14:07 GMT" },
	{ 2147483648, "Tue, 19 Jan 2038 03:14:08 GMT" },
	{ 4107542399, "Sun, 28 Feb 2100 23:59:59 GMT" },
	{ 4107542400, "Mon, 01 Mar 2100 00:00:00 GMT" },
	{ 4294967296, "Sun, 07 Feb 2106 06:28:16 GMT" },
	{ -2203891200, "Thu, 01 Mar 1900 00:00:00 GMT" },
	{ -2203891201, "Wed, 28 Feb 1900 23:59:59 GMT" },
	{ 253402300799, "Fri, 31 Dec 9999 23:59:59 GMT" },
	{ -62167219200, "Sat, 01 Jan 0000 00:00:00 GMT" },
	{ -62162035201, "Tue, 29 Feb 0000 23:59:59 GMT" },
	{ -62162035200, "Wed, 01 Mar 0000 00:00:00 GMT" },
};

START_TEST(writes_dates)
{
	char *out = guard_room(DATE_BYTES);

	date_format(dates[_i].seconds, out);
	ck_assert_str_eq(out, dates[_i].text);
}
END_TEST

START_TEST(reads_what_it_writes)
{
	int64_t seconds = 42;

	ck_assert_msg(date_parse(guard_text(dates[_i].text), NOW, &seconds),
	    "%s", dates[_i].text);
	ck_assert_int_eq(seconds, dates[_i].seconds);
}
END_TEST

START_TEST(writes_the_nearest_date_it_can)
{
	char out[DATE_BYTES];

	date_format(253402300800, out);
	ck_assert_str_eq(out, "Fri, 31 Dec 9999 23:59:59 GMT");
	date_format(INT64_MAX, out);
	ck_assert_str_eq(out, "Fri, 31 Dec 9999 23:59:59 GMT");
	date_format(-62167219201, out);
	ck_assert_str_eq(out, "Sat, 01 Jan 0000 00:00:00 GMT");
	date_format(INT64_MIN, out);
	ck_assert_str_eq(out, "Sat, 01 Jan 0000 00:00:00 GMT");
}
END_TEST

/* A stride that is prime to days and years meets all months and hours. */
START_TEST(agrees_with_libc_over_the_centuries)
{
	for (int64_t t = -62167219200; t <= 253402300799; t += 86399 * 11) {
		char out[DATE_BYTES], wanted[64];
		time_t clock = (time_t)t;
		struct tm tm;
		int64_t back;

		gmtime_r(&clock, &tm);
		/* %Y alone writes years before 1000 with fewer digits. */
		strftime(wanted, sizeof(wanted), "%a, %d %b ", &tm);
		snprintf(wanted + 12, sizeof(wanted) - 12, "%04d ",
		    tm.tm_year + 1900);
		strftime(wanted + 17, 20, "%H:%M:%S GMT", &tm);
		date_format(t, out);
		ck_assert_str_eq(out, wanted);
		ck_assert(date_parse(slice_from_string(out), NOW, &back));
		ck_assert_int_eq(back, t);
	}
}
END_TEST

static const struct {
	const char *text;
	int64_t now, seconds;
} others[] = {
	/* RFC 9110 5.6.7's own examples. */
	{ "Sunday, 06-Nov-94 08:49:37 GMT", NOW, 784111777 },
	{ "Sun Nov  6 08:49:37 1994", NOW, 784111777 },
	{ "Wed Nov 16 08:49:37 1994", NOW, 784975777 },
	{ "Sun Nov 06 08:49:37 1994", NOW, 784111777 },
	/* A leap second is the next one. */
	{ "Sat, 31 Dec 2016 23:59:60 GMT", NOW, 1483228800 },
	/* The name of the day is not looked at. */
	{ "Mon, 06 Nov 1994 08:49:37 GMT", NOW, 784111777 },
	/* Two digits: not more than 50 years ahead of now. */
	{ "Thursday, 01-Jan-70 00:00:00 GMT", NOW, 3155760000 },
	{ "Wednesday, 01-Jan-76 00:00:00 GMT", NOW, 3345062400 },
	{ "Wednesday, 01-Jan-76 00:00:01 GMT", NOW, 189302401 },
	{ "Friday, 31-Dec-76 23:59:59 GMT", NOW, 220924799 },
	{ "Saturday, 01-Jan-77 00:00:00 GMT", NOW, 220924800 },
	{ "Friday, 31-Dec-99 23:59:59 GMT", NOW, 946684799 },
	{ "Saturday, 01-Jan-00 00:00:00 GMT", NOW, 946684800 },
	{ "Friday, 01-Jan-10 00:00:00 GMT", 3786912000, 4417977600 },
	{ "Tuesday, 29-Feb-00 12:00:00 GMT", NOW, 951825600 },
};

START_TEST(reads_the_obsolete_formats)
{
	int64_t seconds = 42;

	ck_assert_msg(date_parse(guard_text(others[_i].text), others[_i].now,
			  &seconds),
	    "%s", others[_i].text);
	ck_assert_msg(seconds == others[_i].seconds, "%s: %lld",
	    others[_i].text, (long long)seconds);
}
END_TEST

static const char *const none[] = {
	"",
	"0",
	"yesterday",
	"Sun, 06 Nov 1994 08:49:37 GM",
	"Sun, 06 Nov 1994 08:49:37 GMT ",
	" Sun, 06 Nov 1994 08:49:37 GMT",
	"Sun, 06 Nov 1994 08:49:37 UTC",
	"Sun, 06 Nov 1994 08:49:37 gmt",
	"Sun, 06 Nov 1994 08:49:37",
	"Sun, 06 Nov 1994 08:49:37 +0000",
	"sun, 06 Nov 1994 08:49:37 GMT",
	"SUN, 06 Nov 1994 08:49:37 GMT",
	"Sun, 06 nov 1994 08:49:37 GMT",
	"Sun, 06 Foo 1994 08:49:37 GMT",
	"Sun, 06 anF 1994 08:49:37 GMT",
	"Foo, 06 Nov 1994 08:49:37 GMT",
	"Sun 06 Nov 1994 08:49:37 GMT",
	"Sun,06 Nov 1994 08:49:37 GMT",
	"Sun,  6 Nov 1994 08:49:37 GMT",
	"Sun, 6 Nov 1994 08:49:37 GMT",
	"Sun, 00 Nov 1994 08:49:37 GMT",
	"Sun, 31 Nov 1994 08:49:37 GMT",
	"Sun, 32 Dec 1994 08:49:37 GMT",
	"Tue, 29 Feb 1994 08:49:37 GMT",
	"Thu, 29 Feb 1900 08:49:37 GMT",
	"Sun, 06 Nov 94 08:49:37 GMT",
	"Sun, 06 Nov 01994 08:49:37 GMT",
	"Sun, 06 Nov 99999999999999 08:49:37 GMT",
	"Sun, 06 Nov -994 08:49:37 GMT",
	"Sun, 06 Nov 1994 24:00:00 GMT",
	"Sat, 29 Dec 2035 25:43:31 GMT",
	"Sun, 06 Nov 1994 08:60:37 GMT",
	"Sun, 06 Nov 1994 08:49:61 GMT",
	"Sun, 06 Nov 1994 8:49:37 GMT",
	"Sun, 06 Nov 1994 08:49 GMT",
	"Sun, 06 Nov 1994 08.49.37 GMT",
	"Sun, 06 Nov 1994 +8:49:37 GMT",
	"Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
	"Sun, 06-Nov-94 08:49:37 GMT",
	"Sunday, 06-Nov-1994 08:49:37 GMT",
	"Sunday, 06 Nov 94 08:49:37 GMT",
	"Sunday, 6-Nov-94 08:49:37 GMT",
	"sunday, 06-Nov-94 08:49:37 GMT",
	"Sunday, 06-Nov-94 08:49:37",
	"Sunday, 29-Feb-01 08:49:37 GMT",
	"Sun Nov 6 08:49:37 1994",
	"Sun Nov   6 08:49:37 1994",
	"Sun Nov  0 08:49:37 1994",
	"Sun Nov  6 08:49:37 94",
	"Sun Nov  6 08:49:37 1994 GMT",
	"Sun Nov  6 08:49:37 1994\n",
	"1994-11-06T08:49:37Z",
	"784111777",
	"\"abc\"",
};

START_TEST(refuses_what_is_no_date)
{
	int64_t seconds = 42;

	ck_assert_msg(!date_parse(guard_text(none[_i]), NOW, &seconds), "%s",
	    none[_i]);
	ck_assert_int_eq(seconds, 42);
}
END_TEST

START_TEST(bears_any_now)
{
	static const int64_t nows[] = { INT64_MIN, -1, 0, INT64_MAX };
	int64_t seconds;

	for (int i = 0; i < COUNT(nows); i++)
		ck_assert(
		    date_parse(guard_text("Sunday, 06-Nov-94 08:49:37 GMT"),
			nows[i], &seconds));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("date");
	TCase *tcase = tcase_create("date");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, writes_dates, 0, COUNT(dates));
	tcase_add_loop_test(tcase, reads_what_it_writes, 0, COUNT(dates));
	tcase_add_test(tcase, writes_the_nearest_date_it_can);
	tcase_add_test(tcase, agrees_with_libc_over_the_centuries);
	tcase_add_loop_test(tcase, reads_the_obsolete_formats, 0,
	    COUNT(others));
	tcase_add_loop_test(tcase, refuses_what_is_no_date, 0, COUNT(none));
	tcase_add_test(tcase, bears_any_now);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
