/*
 * The watchdog's verdicts: the signs of a process, one look a row, and the
 * limits of a configuration.
 *
 * SPDX-License-Identifier: ISC
 */
#include <check.h>

#include "config/configuration.h"
#include "config/route.h"
#include "config/site.h"
#include "generation/watchdog.h"
#include "sandbox/quota.h"

/* Of all routes: handling, still, total, gone. */
static const struct watchdog_limits limits = { 1000, 300, 3000, 0 };

#define CLAIM(s, r, o, c, w, ...) \
	{ \
		.state = SCOREBOARD_##s, .requests = r, .octets = o, \
		.calls = c, .is_waiting = w, __VA_ARGS__ \
	}
/* state, requests, octets */
#define SIGNS(s, r, o) CLAIM(s, r, o, 0, false, .time_ms = 0)

static const struct look {
	int64_t now_ms;
	struct scoreboard_signs signs;
	enum watchdog_verdict verdict;
} looks[][8] = {
	{
	    /* It has waited since it began. */
	    { 300, SIGNS(WAITING, 0, 0), WATCHDOG_FINE },
	    { 301, SIGNS(WAITING, 0, 0), WATCHDOG_STILL },
	},
	{
	    /* Octets come, at last. */
	    { 300, SIGNS(READING, 0, 1), WATCHDOG_FINE },
	    { 600, SIGNS(READING, 0, 2), WATCHDOG_FINE },
	    { 900, SIGNS(READING, 0, 2), WATCHDOG_FINE },
	    { 901, SIGNS(READING, 0, 2), WATCHDOG_STILL },
	},
	{
	    /* A long request, and a long response. */
	    { 200, SIGNS(HANDLING, 1, 9), WATCHDOG_FINE },
	    { 1100, SIGNS(HANDLING, 1, 9), WATCHDOG_FINE },
	    { 1150, SIGNS(SENDING, 1, 9), WATCHDOG_FINE },
	    { 1450, SIGNS(SENDING, 1, 99), WATCHDOG_FINE },
	    { 1750, SIGNS(SENDING, 1, 99), WATCHDOG_FINE },
	    { 1751, SIGNS(SENDING, 1, 99), WATCHDOG_STILL },
	},
	{
	    /* Another request is another one. */
	    { 100, SIGNS(HANDLING, 1, 1), WATCHDOG_FINE },
	    { 1000, SIGNS(HANDLING, 2, 1), WATCHDOG_FINE },
	    { 2000, SIGNS(HANDLING, 2, 1), WATCHDOG_FINE },
	    { 2001, SIGNS(HANDLING, 2, 1), WATCHDOG_STILL },
	},
	{
	    /* No state that there is. */
	    { 100, { .state = 99 }, WATCHDOG_FINE },
	    { 400, { .state = 99 }, WATCHDOG_FINE },
	    { 401, { .state = 99 }, WATCHDOG_STILL },
	},
	{
	    /* Its own limit is the shorter one, and is counted from the last
	     * octet, or from the call of the next handler. */
	    { 100, CLAIM(HANDLING, 1, 1, 1, false, .time_ms = 200),
		WATCHDOG_FINE },
	    { 300, CLAIM(HANDLING, 1, 2, 1, false, .time_ms = 200),
		WATCHDOG_FINE },
	    { 500, CLAIM(HANDLING, 1, 2, 2, false, .time_ms = 200),
		WATCHDOG_FINE },
	    { 700, CLAIM(HANDLING, 1, 2, 2, false, .time_ms = 200),
		WATCHDOG_FINE },
	    { 701, CLAIM(HANDLING, 1, 2, 2, false, .time_ms = 200),
		WATCHDOG_TIME },
	},
	{
	    /* A claim does not put off the limit of all routes. */
	    { 100, CLAIM(HANDLING, 1, 1, 1, false, .time_ms = 99999),
		WATCHDOG_FINE },
	    { 1100, CLAIM(HANDLING, 1, 1, 1, false, .time_ms = 99999),
		WATCHDOG_FINE },
	    { 1101, CLAIM(HANDLING, 1, 1, 1, false, .time_ms = 99999),
		WATCHDOG_STILL },
	},
	{
	    /* Waits for the client do not count, and end in time. */
	    { 100, CLAIM(HANDLING, 1, 1, 1, true, .time_ms = 200),
		WATCHDOG_FINE },
	    { 400, CLAIM(HANDLING, 1, 1, 1, true, .time_ms = 200),
		WATCHDOG_FINE },
	    { 500, CLAIM(HANDLING, 1, 1, 1, false, .time_ms = 200),
		WATCHDOG_FINE },
	    { 701, CLAIM(HANDLING, 1, 1, 1, false, .time_ms = 200),
		WATCHDOG_TIME },
	},
	{
	    { 100, CLAIM(HANDLING, 1, 1, 1, true, .time_ms = 200),
		WATCHDOG_FINE },
	    { 401, CLAIM(HANDLING, 1, 1, 1, true, .time_ms = 200),
		WATCHDOG_STILL },
	},
	{
	    /* The total goes on while octets move. */
	    { 100, CLAIM(HANDLING, 1, 1, 1, false, .total_ms = 500),
		WATCHDOG_FINE },
	    { 400, CLAIM(HANDLING, 1, 2, 1, true, .total_ms = 500),
		WATCHDOG_FINE },
	    { 600, CLAIM(HANDLING, 1, 3, 1, true, .total_ms = 500),
		WATCHDOG_FINE },
	    { 601, CLAIM(HANDLING, 1, 4, 1, true, .total_ms = 500),
		WATCHDOG_TOTAL },
	},
	{
	    /* Whatever the calls, a request has the total of all routes. */
	    { 100, SIGNS(HANDLING, 1, 1), WATCHDOG_FINE },
	    { 1000, CLAIM(HANDLING, 1, 2, 1, false, .time_ms = 0),
		WATCHDOG_FINE },
	    { 2000, CLAIM(HANDLING, 1, 3, 2, false, .time_ms = 0),
		WATCHDOG_FINE },
	    { 3000, CLAIM(HANDLING, 1, 4, 3, false, .time_ms = 0),
		WATCHDOG_FINE },
	    { 3101, CLAIM(HANDLING, 1, 5, 4, false, .time_ms = 0),
		WATCHDOG_STILL },
	},
};

START_TEST(a_look_has_its_verdict)
{
	const struct look *look = looks[_i];
	struct watchdog_view view;

	watchdog_begin(&view, 0);
	for (; look < looks[_i] + 8 && look->now_ms > 0; look++)
		ck_assert_msg(watchdog_judge(&view, &limits, &look->signs,
				  look->now_ms) == look->verdict,
		    "row %d at %d", _i, (int)look->now_ms);
}
END_TEST

START_TEST(nobody_stalls_where_requests_have_no_limit)
{
	static const struct watchdog_limits none = { 0, 300, 0, 0 };
	struct scoreboard_signs signs = SIGNS(WAITING, 0, 0);
	struct watchdog_view view;

	watchdog_begin(&view, 0);
	ck_assert_int_eq(watchdog_judge(&view, &none, &signs, INT64_MAX),
	    WATCHDOG_FINE);
	signs.state = SCOREBOARD_HANDLING;
	ck_assert_int_eq(watchdog_judge(&view, &none, &signs, INT64_MAX),
	    WATCHDOG_FINE);
}
END_TEST

static const struct {
	int64_t time_ms, total_ms, cpu_ms, gone_ms, interval_ms;
} intervals[] = {
	{ 0, 0, 0, 0, 0 },
	{ 60000, 0, 0, 10000, 1000 },
	{ 60000, 2000, 0, 10000, 500 },
	{ 60000, 0, 1000, 10000, 250 },
	{ 1600, 0, 0, 10000, 400 },
	{ 60000, 0, 0, 1200, 150 },
	{ 1, 0, 0, 0, 50 },
};

START_TEST(sweeps_come_four_times_within_the_shortest_limit)
{
	struct route routes[2] = {
		{ .limits = { .max_request_time_ms = 3600000 } },
		{ .limits = { .max_request_time_ms = intervals[_i].time_ms,
		      .max_request_total_ms = intervals[_i].total_ms,
		      .max_cpu_time_ms = intervals[_i].cpu_ms,
		      .gone_grace_ms = intervals[_i].gone_ms } },
	};
	struct site sites[2] = { { .route_count = 0 },
		{ .routes = routes, .route_count = 2 } };
	struct configuration c = { .sites = sites, .site_count = 2 };

	if (_i == 0)
		routes[0].limits.max_request_time_ms = 0;
	ck_assert_int_eq(watchdog_interval_ms(&c), intervals[_i].interval_ms);
}
END_TEST

START_TEST(limits_are_the_longest_of_all)
{
	struct route routes[2] = {
		{ .handler_count = 2,
		    .limits = { .max_request_time_ms = 100,
			.gone_grace_ms = 9,
			.idle_timeout_ms = 60 } },
		{ .handler_count = 1,
		    .limits = { .max_request_time_ms = 150,
			.gone_grace_ms = 8,
			.send_timeout_ms = 70 } },
	};
	struct site site = { .routes = routes, .route_count = 2 };
	struct configuration c = { .sites = &site,
		.site_count = 1,
		.limits = { .head_timeout_ms = 40, .body_timeout_ms = 50 } };
	struct watchdog_limits l = watchdog_limits(&c);

	ck_assert_int_eq(l.handling_ms,
	    150 + QUOTA_KILL_MARGIN_MS + WATCHDOG_MARGIN_MS);
	ck_assert_int_eq(l.total_ms, 0);
	ck_assert_int_eq(l.gone_ms, 9);
	ck_assert_int_eq(l.still_ms, 70 + WATCHDOG_MARGIN_MS);
	c.limits.head_timeout_ms = 80;
	ck_assert_int_eq(watchdog_limits(&c).still_ms, 80 + WATCHDOG_MARGIN_MS);
	routes[1].limits.max_request_time_ms = 0;
	ck_assert_int_eq(watchdog_limits(&c).handling_ms, 0);
	routes[0].limits.max_request_total_ms = 100;
	routes[1].limits.max_request_total_ms = 150;
	ck_assert_int_eq(watchdog_limits(&c).total_ms,
	    2 * (100 + QUOTA_KILL_MARGIN_MS) + WATCHDOG_MARGIN_MS);
	routes[0].limits.gone_grace_ms = 0;
	ck_assert_int_eq(watchdog_limits(&c).gone_ms, 0);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("watchdog");
	Suite *s = suite_create("watchdog");
	SRunner *r;

	tcase_add_loop_test(t, a_look_has_its_verdict, 0,
	    (int)(sizeof(looks) / sizeof(looks[0])));
	tcase_add_loop_test(t, sweeps_come_four_times_within_the_shortest_limit,
	    0, (int)(sizeof(intervals) / sizeof(intervals[0])));
	tcase_add_test(t, nobody_stalls_where_requests_have_no_limit);
	tcase_add_test(t, limits_are_the_longest_of_all);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
