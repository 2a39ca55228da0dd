/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "plugins/status/amount.h"
#include "plugins/status/options.h"
#include "plugins/status/order.h"
#include "plugins/status/view.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

/* The memory of a line has as many octets as the widest of these, or what is given. */
static const struct {
	const char *line, *without_query, *without_target;
	size_t size; /* 0: enough */
} lines[] = {
	{ "GET /a HTTP/1.1", "GET /a HTTP/1.1", "GET ... HTTP/1.1", 0 },
	{ "GET /a?b=c HTTP/1.1", "GET /a?... HTTP/1.1", "GET ... HTTP/1.1", 0 },
	{ "GET /a? HTTP/1.1", "GET /a?... HTTP/1.1", "GET ... HTTP/1.1", 0 },
	{ "GET /a?b?c HTTP/1.0", "GET /a?... HTTP/1.0", "GET ... HTTP/1.0", 0 },
	{ "GET http://h/a?b HTTP/1.1", "GET http://h/a?... HTTP/1.1",
	    "GET ... HTTP/1.1", 0 },
	{ "OPTIONS * HTTP/1.1", "OPTIONS * HTTP/1.1", "OPTIONS ... HTTP/1.1",
	    0 },
	/* Lines that were cut. */
	{ "GET /a?secret", "GET /a?...", "GET ...", 0 },
	{ "GET /a?secret HT", "GET /a?...", "GET ...", 0 },
	{ "GET /abc", "GET /abc", "GET ...", 0 },
	{ "GET ", "GET ", "GET ...", 0 },
	{ "GET", "GET", "GET", 0 },
	{ "", "", "", 0 },
	/* The mark has no room, and is cut, or cuts what follows. */
	{ "GET /a?", "GET /a?", "GET ...", 8 },
	{ "GET /a?b", "GET /a?.", "GET ...", 9 },
	{ "GET /a?b HTTP/1.1", "GET /a?... HTTP/1", "GET ... HTTP/1.1", 18 },
	{ "G / HTTP/1.1", "G / HTTP/1.1", "G ... HTTP/1", 13 },
};

static void
hide(int32_t queries, int32_t targets, int i, const char *expected)
{
	const struct options options = { queries, targets };
	const size_t size = lines[i].size > 0 ? lines[i].size : 64;
	char line[65];

	memset(line, '~', sizeof(line));
	strcpy(line, lines[i].line);
	options_hide(&options, line, size);
	ck_assert_str_eq(line, expected);
	ck_assert_int_eq(line[size], '~');
}

START_TEST(hides_what_the_options_say)
{
	hide(1, 1, _i, lines[_i].line);
	hide(0, 1, _i, lines[_i].without_query);
	hide(0, 0, _i, lines[_i].without_target);
	hide(1, 0, _i, lines[_i].without_target);
}
END_TEST

static const struct {
	int64_t value;
	const char *count, *age, *octets;
} amounts[] = {
	{ -1, "\xe2\x80\x93", "\xe2\x80\x93", "\xe2\x80\x93" },
	{ 0, "0", "0 s", "0 B" },
	{ 59, "59", "59 s", "59 B" },
	{ 60, "60", "1 min 00 s", "60 B" },
	{ 999, "999", "16 min 39 s", "999 B" },
	{ 1000, "1,000", "16 min 40 s", "1.0 KiB" },
	{ 3599, "3,599", "59 min 59 s", "3.5 KiB" },
	{ 3600, "3,600", "1 h 00 min", "3.5 KiB" },
	{ 86399, "86,399", "23 h 59 min", "84 KiB" },
	{ 86400, "86,400", "1 d 00 h", "84 KiB" },
	{ 1234567, "1,234,567", "14 d 06 h", "1.2 MiB" },
	{ INT64_MAX, "9,223,372,036,854,775,807", "106751991167300 d 15 h",
	    "8.0 EiB" },
};

START_TEST(writes_amounts)
{
	char out[AMOUNT_BYTES];

	ck_assert_str_eq(amount_count(out, amounts[_i].value),
	    amounts[_i].count);
	ck_assert_str_eq(amount_age(out, amounts[_i].value), amounts[_i].age);
	ck_assert_str_eq(amount_octets(out, amounts[_i].value),
	    amounts[_i].octets);
}
END_TEST

static const struct {
	double value;
	const char *rate, *latency;
} rates[] = {
	{ -1, "\xe2\x80\x93", "\xe2\x80\x93" },
	{ 0, "0", "0.00 ms" },
	{ .0004, "0.0004", "0.40 ms" },
	{ .04, "0.04", "40 ms" },
	{ .4, "0.4", "400 ms" },
	{ 1, "1", "1.0 s" },
	{ 9.96, "10", "10.0 s" },
	{ 1234.5, "1,235", "1234.5 s" },
	{ 1e300, "1,000,000,000,000,000", "1000000000.0 s" },
};

START_TEST(writes_rates)
{
	char out[AMOUNT_BYTES];

	ck_assert_str_eq(amount_rate(out, rates[_i].value), rates[_i].rate);
	ck_assert_str_eq(amount_latency(out, rates[_i].value),
	    rates[_i].latency);
}
END_TEST

START_TEST(orders_rows)
{
	const struct view_row young = { .age = 1,
		.client = "192.0.2.1:4711",
		.request = "GET /b HTTP/1.1" };
	const struct view_row old = { .age = 2,
		.client = "192.0.2.1:811",
		.request = "GET /a HTTP/1.1" };
	struct order order = { .column = ORDER_AGE, .descends = true };

	ck_assert_int_lt(order_compare(&order, &old, &young), 0);
	order.descends = false;
	ck_assert_int_gt(order_compare(&order, &old, &young), 0);
	order.column = ORDER_REQUEST;
	ck_assert_int_lt(order_compare(&order, &old, &young), 0);
	/* Ports by their value; and the same for equal rows. */
	order.column = ORDER_CPU;
	ck_assert_int_lt(order_compare(&order, &old, &young), 0);
	order.filter = "get /A";
	ck_assert(order_matches(&order, &old));
	ck_assert(!order_matches(&order, &young));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("status");
	TCase *tcase = tcase_create("status");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, hides_what_the_options_say, 0, COUNT(lines));
	tcase_add_loop_test(tcase, writes_amounts, 0, COUNT(amounts));
	tcase_add_loop_test(tcase, writes_rates, 0, COUNT(rates));
	tcase_add_test(tcase, orders_rows);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
