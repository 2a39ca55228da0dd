/*
 * Scoreboard: which connections the status shows, and how much of what they claim
 * is added up.
 *
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include <prong/handler.h>

#include "base/scoreboard.h"

START_TEST(a_slot_without_a_process_is_not_shown)
{
	const struct scoreboard_origin origin = { .generation = 1 };
	struct scoreboard *s = scoreboard_new(4, 4, &origin, false);
	struct scoreboard_page *waits, *serves;
	struct prong_connection_stats stats;
	uint64_t cursor = 0;
	size_t handler;

	ck_assert_ptr_nonnull(s);
	waits = scoreboard_begin(s, 0);
	serves = scoreboard_begin(s, 1);
	ck_assert_ptr_nonnull(waits);
	ck_assert_ptr_nonnull(serves);
	serves->pid = 4711;
	ck_assert_int_eq(scoreboard_connection_stats(&cursor, &stats, &handler),
	    1);
	ck_assert_uint_eq(stats.pid, 4711);
	ck_assert_int_eq(scoreboard_connection_stats(&cursor, &stats, &handler),
	    0);
	waits->pid = 4712;
	cursor = 0;
	ck_assert_int_eq(scoreboard_connection_stats(&cursor, &stats, &handler),
	    1);
	ck_assert_uint_eq(stats.pid, 4712);
	scoreboard_free(s);
}
END_TEST

static struct prong_server_stats
totals(void)
{
	struct prong_server_stats stats;

	ck_assert_int_eq(scoreboard_server_stats(&stats), 0);
	return stats;
}

static void
claim(struct scoreboard_page *page, uint64_t number)
{
	size_t i;

	page->requests = page->bytes_received = page->bytes_sent = number;
	page->lines_dropped = number;
	for (i = 0; i < 6; i++)
		page->responses[i] = number;
}

/* Far more than a connection of a moment can have done, and far less than what
 * makes a total jump or begin anew. */
static const uint64_t sane = UINT64_C(1) << 40;

static void
check_totals(uint64_t least)
{
	const struct prong_server_stats stats = totals();
	size_t i;

	ck_assert_uint_ge(stats.requests_total, least);
	ck_assert_uint_lt(stats.requests_total, sane);
	ck_assert_uint_ge(stats.bytes_received, least);
	ck_assert_uint_lt(stats.bytes_received, sane);
	ck_assert_uint_ge(stats.bytes_sent, least);
	ck_assert_uint_lt(stats.bytes_sent, sane);
	ck_assert_uint_ge(stats.log_lines_dropped, least);
	ck_assert_uint_lt(stats.log_lines_dropped, sane);
	for (i = 0; i < 6; i++) {
		ck_assert_uint_ge(stats.responses[i], least);
		ck_assert_uint_lt(stats.responses[i], sane);
	}
}

START_TEST(a_page_that_claims_too_much_is_not_believed)
{
	static const uint64_t claims[] = { UINT64_MAX, UINT64_MAX - 4,
		(uint64_t)INT64_MAX + 1, UINT64_C(1) << 60 };
	const struct scoreboard_origin origin = { .generation = 1 };
	struct scoreboard *s = scoreboard_new(4, 4, &origin, false);
	size_t i;
	int error;

	ck_assert_ptr_nonnull(s);
	claim(scoreboard_begin(s, 0), 5);
	scoreboard_end(s, 0, NULL);
	ck_assert_uint_eq(totals().requests_total, 5);
	ck_assert_uint_eq(totals().bytes_sent, 5);
	for (i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		struct scoreboard_page *page = scoreboard_begin(s, i % 2);

		claim(page, claims[i]);
		check_totals(5);
		ck_assert_uint_lt(scoreboard_dropped_by(s, i % 2, &error),
		    sane);
		if (i % 2)
			scoreboard_settle(s);
		check_totals(5);
		scoreboard_end(s, i % 2, NULL);
		check_totals(5);
	}
	scoreboard_free(s);
}
END_TEST

/* Another generation cannot see the pages of this one. */
START_TEST(a_settled_generation_shows_what_another_one_shows)
{
	const struct scoreboard_origin origin = { .generation = 1 };
	struct scoreboard *s = scoreboard_new(4, 4, &origin, false);
	struct scoreboard_page *page;

	ck_assert_ptr_nonnull(s);
	page = scoreboard_begin(s, 0);
	claim(page, 5);
	ck_assert_uint_eq(totals().requests_total, 5);
	scoreboard_settle(s);
	claim(page, 7);
	ck_assert_uint_eq(totals().requests_total, 5);
	ck_assert_uint_eq(totals().connections_now, 1);
	scoreboard_end(s, 0, NULL);
	ck_assert_uint_eq(totals().requests_total, 7);
	scoreboard_free(s);
}
END_TEST

#define ENDS 3000000

static struct scoreboard *served;
static atomic_bool has_ended;

/* As the generation does. */
static void *
serve(void *unused)
{
	int i;

	for (i = 0; i < ENDS; i++) {
		claim(scoreboard_begin(served, 0), 1);
		scoreboard_end(served, 0, NULL);
	}
	has_ended = true;
	return unused;
}

/* The counts of a page become those of the server while others read both. */
START_TEST(no_count_goes_down_while_connections_end)
{
	const struct scoreboard_origin origin = { .generation = 1 };
	struct prong_server_stats before = { 0 }, now;
	pthread_t thread;

	served = scoreboard_new(4, 4, &origin, false);
	ck_assert_ptr_nonnull(served);
	ck_assert_int_eq(pthread_create(&thread, NULL, serve, NULL), 0);
	while (!has_ended) {
		now = totals();
		ck_assert_uint_ge(now.requests_total, before.requests_total);
		ck_assert_uint_ge(now.bytes_received, before.bytes_received);
		ck_assert_uint_ge(now.responses[5], before.responses[5]);
		before = now;
	}
	pthread_join(thread, NULL);
	ck_assert_uint_eq(totals().requests_total, ENDS);
	scoreboard_free(served);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("scoreboard");
	TCase *tcase = tcase_create("scoreboard");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, a_slot_without_a_process_is_not_shown);
	tcase_add_test(tcase, a_page_that_claims_too_much_is_not_believed);
	tcase_add_test(tcase,
	    a_settled_generation_shows_what_another_one_shows);
	tcase_add_test(tcase, no_count_goes_down_while_connections_end);
	tcase_set_timeout(tcase, 60);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
