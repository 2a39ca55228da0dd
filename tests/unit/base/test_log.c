/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>
#include <time.h>

#include "base/log.h"

#define AT(second, minute, hour, day, month) \
	{ \
		.tm_sec = second, .tm_min = minute, .tm_hour = hour, \
		.tm_mday = day, .tm_mon = month \
	}

static const struct {
	enum log_level level;
	struct tm tm;
	long pid;
	const char *prefix;
} cases[] = {
	{ LEVEL_ERROR, AT(5, 4, 3, 2, 0), 1,
	    "<27>Jan  2 03:04:05 prongd[1]: " },
	{ LEVEL_WARNING, AT(59, 59, 23, 31, 11), 4194304,
	    "<28>Dec 31 23:59:59 prongd[4194304]: " },
	{ LEVEL_INFO, AT(60, 0, 0, 10, 4), 99,
	    "<30>May 10 00:00:60 prongd[99]: " },
	{ LEVEL_DEBUG, AT(0, 0, 12, 9, 8), 99,
	    "<31>Sep  9 12:00:00 prongd[99]: " },
};

START_TEST(a_line_for_syslog_begins_as_the_rfc_has_it)
{
	char line[100];
	size_t n = log_syslog_prefix(line, sizeof(line), cases[_i].level,
	    &cases[_i].tm, cases[_i].pid);

	ck_assert_str_eq(line, cases[_i].prefix);
	ck_assert_uint_eq(n, strlen(cases[_i].prefix));
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("log");
	Suite *s = suite_create("log");
	SRunner *r;

	tcase_add_loop_test(t, a_line_for_syslog_begins_as_the_rfc_has_it, 0,
	    (int)(sizeof(cases) / sizeof(cases[0])));
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
