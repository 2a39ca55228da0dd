/*
 * Processes that stand still: the signs of a process, one look a row, and the
 * verdict.
 *
 * SPDX-License-Identifier: ISC
 */
#include <check.h>

#include "config/configuration.h"
#include "config/route.h"
#include "config/site.h"
#include "generation/watchdog.h"
#include "sandbox/quota.h"

static const struct watchdog_limits limits = { 1000, 300 };

static const struct look {
	int64_t now_ms;
	struct scoreboard_signs signs; /* state, requests, octets */
	bool stalls;
} looks[][6] = {
	{
	    /* It has waited since it began. */
	    { 300, { SCOREBOARD_WAITING, 0, 0 }, false },
	    { 301, { SCOREBOARD_WAITING, 0, 0 }, true },
	},
	{
	    /* Octets come, at last. */
	    { 300, { SCOREBOARD_READING, 0, 1 }, false },
	    { 600, { SCOREBOARD_READING, 0, 2 }, false },
	    { 900, { SCOREBOARD_READING, 0, 2 }, false },
	    { 901, { SCOREBOARD_READING, 0, 2 }, true },
	},
	{
	    /* A long request, and a long response. */
	    { 200, { SCOREBOARD_HANDLING, 1, 9 }, false },
	    { 1100, { SCOREBOARD_HANDLING, 1, 9 }, false },
	    { 1150, { SCOREBOARD_SENDING, 1, 9 }, false },
	    { 1450, { SCOREBOARD_SENDING, 1, 99 }, false },
	    { 1750, { SCOREBOARD_SENDING, 1, 99 }, false },
	    { 1751, { SCOREBOARD_SENDING, 1, 99 }, true },
	},
	{
	    /* A handler's octets are no excuse, and no other state is. */
	    { 100, { SCOREBOARD_HANDLING, 1, 1 }, false },
	    { 900, { SCOREBOARD_HANDLING, 1, 2 }, false },
	    { 1000, { SCOREBOARD_WAITING, 1, 3 }, false },
	    { 1101, { SCOREBOARD_HANDLING, 1, 4 }, true },
	},
	{
	    /* Another request is another one. */
	    { 100, { SCOREBOARD_HANDLING, 1, 1 }, false },
	    { 1000, { SCOREBOARD_HANDLING, 2, 1 }, false },
	    { 2000, { SCOREBOARD_HANDLING, 2, 1 }, false },
	    { 2001, { SCOREBOARD_HANDLING, 2, 1 }, true },
	},
	{
	    /* No state that there is. */
	    { 100, { 99, 0, 0 }, false },
	    { 400, { 99, 0, 0 }, false },
	    { 401, { 99, 0, 0 }, true },
	},
};

START_TEST(who_stands_still_has_stalled)
{
	const struct look *look = looks[_i];
	struct watchdog_view view;

	watchdog_begin(&view, 0);
	for (; look < looks[_i] + 6 && look->now_ms > 0; look++)
		ck_assert_msg(watchdog_finds_stall(&view, &limits, &look->signs,
				  look->now_ms) == look->stalls,
		    "row %d at %d", _i, (int)look->now_ms);
}
END_TEST

START_TEST(nobody_stalls_where_requests_have_no_limit)
{
	static const struct watchdog_limits none = { 0, 300 };
	struct scoreboard_signs signs = { SCOREBOARD_WAITING, 0, 0 };
	struct watchdog_view view;

	watchdog_begin(&view, 0);
	ck_assert(!watchdog_finds_stall(&view, &none, &signs, INT64_MAX));
}
END_TEST

START_TEST(limits_are_the_longest_of_all)
{
	struct route routes[2] = {
		{ .handler_count = 2,
		    .limits = { .max_request_time_ms = 100,
			.idle_timeout_ms = 60 } },
		{ .handler_count = 1,
		    .limits = { .max_request_time_ms = 150,
			.send_timeout_ms = 70 } },
	};
	struct site site = { .routes = routes, .route_count = 2 };
	struct configuration c = { .sites = &site,
		.site_count = 1,
		.limits = { .head_timeout_ms = 40, .body_timeout_ms = 50 } };
	struct watchdog_limits l = watchdog_limits(&c);

	ck_assert_int_eq(l.handling_ms,
	    2 * (100 + QUOTA_KILL_MARGIN_MS) + WATCHDOG_MARGIN_MS);
	ck_assert_int_eq(l.still_ms, 70 + WATCHDOG_MARGIN_MS);
	c.limits.head_timeout_ms = 80;
	ck_assert_int_eq(watchdog_limits(&c).still_ms, 80 + WATCHDOG_MARGIN_MS);
	routes[1].limits.max_request_time_ms = 0;
	ck_assert_int_eq(watchdog_limits(&c).handling_ms, 0);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("watchdog");
	Suite *s = suite_create("watchdog");
	SRunner *r;

	tcase_add_loop_test(t, who_stands_still_has_stalled, 0,
	    (int)(sizeof(looks) / sizeof(looks[0])));
	tcase_add_test(t, nobody_stalls_where_requests_have_no_limit);
	tcase_add_test(t, limits_are_the_longest_of_all);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
