/*
 * What is believed of a page and its tally: lies of a broken process, and what
 * becomes of each.
 *
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <prong/handler.h>

#include "base/scoreboard.h"

static struct scoreboard *scoreboard;

static void
open_scoreboard(void)
{
	const struct scoreboard_origin origin = { .generation = 1 };

	scoreboard = scoreboard_new(4, 4, &origin, false);
	ck_assert_ptr_nonnull(scoreboard);
	scoreboard_add_handler(scoreboard, "echo");
	scoreboard_add_handler(scoreboard, "flag");
}

static void
close_scoreboard(void)
{
	scoreboard_free(scoreboard);
}

static struct prong_server_stats
totals(void)
{
	struct prong_server_stats stats;

	ck_assert_int_eq(scoreboard_server_stats(&stats), 0);
	return stats;
}

static uint64_t
sum_of(const uint64_t *numbers, size_t count)
{
	uint64_t sum = 0;

	while (count > 0)
		sum += numbers[--count];
	return sum;
}

/* The figures of a handler; requests 0: there is none of that name. */
static struct prong_handler_stats
of_handler(const char *name, uint64_t *requests)
{
	struct prong_handler_stats stats;
	uint64_t cursor = 0;

	*requests = 0;
	while (scoreboard_handler_stats(&cursor, &stats, 0) == 1)
		if (strcmp(stats.name, name) == 0) {
			*requests = sum_of(stats.responses, 6);
			return stats;
		}
	return (struct prong_handler_stats){ .crashes = 0 };
}

/* Three requests, as a connection counts them. */
static struct tally_cell *
serve(struct scoreboard_page *page, const char *handler)
{
	struct tally *tally = scoreboard_tally(page);
	struct tally_cell *cell = tally_find(tally, handler, "");
	int i;

	for (i = 0; i < 3; i++) {
		page->requests++;
		page->responses[2]++;
		tally_count(tally, cell, 200, 0, 10);
	}
	return cell;
}

START_TEST(requests_count_for_their_handler)
{
	struct scoreboard_page *page = scoreboard_begin(scoreboard, 0);
	struct prong_handler_stats echo;
	uint64_t requests;

	serve(page, "echo");
	serve(page, "");
	echo = of_handler("echo", &requests);
	ck_assert_uint_eq(requests, 3);
	ck_assert_uint_eq(echo.latency[2], 3);
	ck_assert_uint_eq(echo.latency_sum_us, 30);
	scoreboard_settle(scoreboard);
	serve(page, "echo");
	scoreboard_end(scoreboard, 0, "echo");
	page = scoreboard_begin(scoreboard, 0);
	serve(page, "flag");
	scoreboard_end(scoreboard, 0, NULL);
	echo = of_handler("echo", &requests);
	ck_assert_uint_eq(requests, 6);
	ck_assert_uint_eq(echo.crashes_total, 1);
	of_handler("flag", &requests);
	ck_assert_uint_eq(requests, 3);
	of_handler("(none)", &requests);
	ck_assert_uint_eq(requests, 3);
	ck_assert_uint_eq(totals().methods[0], 12);
}
END_TEST

/* An id of the greatest length has no end. */
START_TEST(a_slow_request_outlives_its_process)
{
	struct scoreboard_page *page = scoreboard_begin(scoreboard, 0);
	struct tally_cell *cell = serve(page, "echo");
	const int64_t now = (int64_t)time(NULL);
	struct prong_handler_stats echo;
	uint64_t requests;

	ck_assert(tally_is_exemplary(cell, 20, now - 10));
	memset(cell->slow.id, 'a', sizeof(cell->slow.id));
	ck_assert(!tally_is_exemplary(cell, 19, now - 10));
	echo = of_handler("echo", &requests);
	ck_assert_uint_eq(echo.slow_us, 20);
	ck_assert_uint_eq(strlen(echo.slow_id), sizeof(echo.slow_id) - 1);
	scoreboard_end(scoreboard, 0, NULL);
	page = scoreboard_begin(scoreboard, 0);
	cell = serve(page, "echo");
	ck_assert(tally_is_exemplary(cell, 10, now - 5));
	scoreboard_end(scoreboard, 0, NULL);
	echo = of_handler("echo", &requests);
	ck_assert_uint_eq(echo.slow_us, 20);
	ck_assert_int_eq(echo.slow_time, now - 10);
}
END_TEST

static void
claim_requests(struct scoreboard_page *page)
{
	page->requests = UINT64_C(1) << 60;
}

static void
claim_octets(struct scoreboard_page *page)
{
	page->bytes_sent = UINT64_C(1) << 50;
}

static void
claim_responses(struct scoreboard_page *page)
{
	page->responses[5] = UINT64_MAX;
}

static void
claim_methods(struct scoreboard_page *page)
{
	scoreboard_tally(page)->methods[7] = UINT64_MAX / 2;
}

static void
claim_errors(struct scoreboard_page *page)
{
	scoreboard_tally(page)->errors[0] = UINT64_MAX / 2;
}

static void
claim_refusals(struct scoreboard_page *page)
{
	scoreboard_tally(page)->refusals[0] = UINT64_MAX / 2;
}

static void
claim_cells(struct scoreboard_page *page)
{
	scoreboard_tally(page)->used = TALLY_CELLS + 1;
}

static void
claim_all_cells(struct scoreboard_page *page)
{
	scoreboard_tally(page)->used = TALLY_CELLS;
}

static struct tally_cell *
first(struct scoreboard_page *page)
{
	return &scoreboard_tally(page)->cells[0];
}

static void
claim_buckets(struct scoreboard_page *page)
{
	first(page)->counts.buckets[7] = UINT64_C(1) << 62;
}

static void
claim_time(struct scoreboard_page *page)
{
	first(page)->counts.sum_us = UINT64_C(1) << 45;
}

static void
claim_a_long_request(struct scoreboard_page *page)
{
	first(page)->counts.max_us = UINT64_C(1) << 45;
}

static void
claim_a_slow_request(struct scoreboard_page *page)
{
	first(page)->slow.us = UINT64_C(1) << 45;
}

static void
name_a_handler_that_there_is_not(struct scoreboard_page *page)
{
	strcpy(first(page)->handler, "nobody");
}

static void
name_a_route_that_is_not_counted(struct scoreboard_page *page)
{
	strcpy(first(page)->route, "/");
}

static void
name_without_end(struct scoreboard_page *page)
{
	memset(first(page)->handler, 'e', sizeof(first(page)->handler));
}

static void
name_one_twice(struct scoreboard_page *page)
{
	scoreboard_tally(page)->cells[1] = *first(page);
	scoreboard_tally(page)->used = 2;
}

static void
point_outside(struct scoreboard_page *page)
{
	memset(scoreboard_tally(page)->cell_of, 0xff, TALLY_HANDLERS);
}

static void
have_a_strange_state(struct scoreboard_page *page)
{
	page->state = UINT32_MAX;
	page->is_unrecorded = page->log_error = -1;
}

static void
say_little_less(struct scoreboard_page *page)
{
	page->requests = page->responses[2] = 0;
}

static const struct lie {
	const char *name;
	void (*tell)(struct scoreboard_page *page);
	bool is_discarded;
} lies[] = {
	{ "too many requests", claim_requests, true },
	{ "too many octets", claim_octets, true },
	{ "too many responses", claim_responses, true },
	{ "too many of a method", claim_methods, true },
	{ "too many errors", claim_errors, true },
	{ "too many refusals", claim_refusals, true },
	{ "more cells than there are", claim_cells, true },
	{ "cells that were never begun", claim_all_cells, true },
	{ "too many in a bucket", claim_buckets, true },
	{ "more time than its life", claim_time, true },
	{ "a request longer than its life", claim_a_long_request, true },
	{ "a slow request of such a duration", claim_a_slow_request, true },
	{ "an unknown handler", name_a_handler_that_there_is_not, true },
	{ "an unknown route", name_a_route_that_is_not_counted, true },
	{ "a name without end", name_without_end, true },
	{ "a handler twice", name_one_twice, true },
	/* These reach nobody else. */
	{ "cells outside of the tally", point_outside, false },
	{ "a state that there is not", have_a_strange_state, false },
	{ "fewer requests", say_little_less, false },
};

#define LIES ((int)(sizeof(lies) / sizeof(lies[0])))

START_TEST(a_lie_costs_the_page_and_nothing_else)
{
	const struct lie *lie = &lies[_i];
	struct scoreboard_page *page = scoreboard_begin(scoreboard, 1);
	struct prong_server_stats now;
	uint64_t requests;

	serve(page, "echo");
	scoreboard_end(scoreboard, 1, NULL);
	page = scoreboard_begin(scoreboard, 0);
	serve(page, "echo");
	lie->tell(page);
	ck_assert_msg(totals().pages_discarded == lie->is_discarded, "%s",
	    lie->name);
	scoreboard_end(scoreboard, 0, NULL);
	now = totals();
	ck_assert_msg(now.pages_discarded == lie->is_discarded, "%s",
	    lie->name);
	ck_assert_uint_ge(now.requests_total, 3);
	ck_assert_uint_le(now.requests_total, 6);
	of_handler("echo", &requests);
	ck_assert_msg(requests == (lie->is_discarded ? 3 : 6), "%s", lie->name);
	/* The place is as good as new. */
	page = scoreboard_begin(scoreboard, 0);
	serve(page, "flag");
	scoreboard_end(scoreboard, 0, NULL);
	of_handler("flag", &requests);
	ck_assert_uint_eq(requests, 3);
}
END_TEST

START_TEST(random_octets_are_discarded)
{
	const size_t size = SCOREBOARD_PAGE_BYTES + sizeof(struct tally);
	struct prong_connection_stats row;
	struct scoreboard_request request;
	uint64_t requests, cursor;
	uint32_t *octets;
	size_t i, handler;
	int try;

	serve(scoreboard_begin(scoreboard, 1), "echo");
	for (try = 0; try < 300; try++) {
		octets = (uint32_t *)(void *)scoreboard_begin(scoreboard, 0);
		srand((unsigned)try);
		for (i = 0; i < size / sizeof(*octets); i++)
			octets[i] = (uint32_t)rand() << 16 ^ (uint32_t)rand();
		if (try % 3 == 0)
			scoreboard_settle(scoreboard);
		for (cursor = 0;
		     scoreboard_connection_stats(&cursor, &row, &handler) == 1;)
			ck_assert_uint_lt(strlen(row.request),
			    sizeof(row.request));
		if (scoreboard_take_request(scoreboard, 0, &request))
			scoreboard_count_lost(scoreboard, 0, &request, 500, 0);
		scoreboard_end(scoreboard, 0, NULL);
	}
	ck_assert_uint_eq(totals().pages_discarded, 300);
	scoreboard_end(scoreboard, 1, NULL);
	of_handler("echo", &requests);
	ck_assert_uint_eq(requests, 3);
	ck_assert_uint_eq(totals().requests_total, 3);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("scoreboard_tally");
	TCase *tcase = tcase_create("scoreboard_tally");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, open_scoreboard, close_scoreboard);
	tcase_add_test(tcase, requests_count_for_their_handler);
	tcase_add_test(tcase, a_slow_request_outlives_its_process);
	tcase_add_loop_test(tcase, a_lie_costs_the_page_and_nothing_else, 0,
	    LIES);
	tcase_add_test(tcase, random_octets_are_discarded);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
