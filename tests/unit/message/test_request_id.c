/*
 * Ids of requests: what a proxy may give, and that made ones differ, also after a
 * fork.
 *
 * SPDX-License-Identifier: ISC
 */
#include "message/request_id.h"

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/scoreboard.h"
#include "http/fields.h"
#include "http/head.h"
#include "message/channel.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

#define TRACE	 "0af7651916cd43dd8448eb211c80319c"
#define PARENT	 "b7ad6b7169203331"
#define LINES	 3

static struct channel channel;
static struct http_field lines[LINES];
static struct http_head head;

static void
setup(void)
{
	memset(&channel, 0, sizeof(channel));
	memset(&head, 0, sizeof(head));
	head.fields = lines;
}

static void
add(const char *name, const char *value)
{
	lines[head.field_count].name = slice_from_string(name);
	lines[head.field_count++].value = slice_from_string(value);
}

#define TEN   "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

static const struct {
	const char *text;
	bool is_valid;
} ids[] = {
	{ "a", true },
	{ "AZaz09._-", true },
	{ SIXTY "0123", true },
	{ SIXTY "01234", false },
	{ "", false },
	{ "a b", false },
	{ "a\n", false },
	{ "a:b", false },
	{ "a/b", false },
	{ "a@b", false },
	{ "a[b", false },
	{ "a`b", false },
	{ "a{b", false },
	{ "\xc3\xa9", false },
};

START_TEST(takes_ids)
{
	ck_assert_int_eq(request_id_is_valid(slice_from_string(ids[_i].text)),
	    ids[_i].is_valid);
}
END_TEST

static const struct {
	const char *text;
	bool is_valid;
} traces[] = {
	{ "00-" TRACE "-" PARENT "-01", true },
	{ "00-" TRACE "-" PARENT "-00", true },
	{ "00-" TRACE "-" PARENT "-ff", true },
	{ "cc-" TRACE "-" PARENT "-01", true },
	{ "cc-" TRACE "-" PARENT "-01-more", true },
	{ "cc-" TRACE "-" PARENT "-01more", false },
	{ "00-" TRACE "-" PARENT "-01-more", false },
	{ "00-" TRACE "-" PARENT "-01-", false },
	{ "00-" TRACE "-" PARENT "-0", false },
	{ "00-" TRACE "-" PARENT "-0g", false },
	{ "00-" TRACE "-" PARENT, false },
	{ "00-" TRACE, false },
	{ "ff-" TRACE "-" PARENT "-01", false },
	{ "0g-" TRACE "-" PARENT "-01", false },
	{ "00-0AF7651916CD43DD8448EB211C80319C-" PARENT "-01", false },
	{ "00-" TRACE "-B7AD6B7169203331-01", false },
	{ "00-00000000000000000000000000000000-" PARENT "-01", false },
	{ "00-" TRACE "-0000000000000000-01", false },
	{ "00_" TRACE "-" PARENT "-01", false },
	{ "00-" TRACE "_" PARENT "-01", false },
	{ "00-" TRACE "-" PARENT "_01", false },
	{ " 0-" TRACE "-" PARENT "-01", false },
	{ "", false },
};

START_TEST(takes_traces)
{
	struct slice id =
	    request_id_of_trace(slice_from_string(traces[_i].text));

	ck_assert_uint_eq(id.len, traces[_i].is_valid ? 32 : 0);
	if (id.len > 0)
		ck_assert_mem_eq(id.data, TRACE, 32);
}
END_TEST

static const char *
write_id(void)
{
	static char id[REQUEST_ID_BYTES];

	return request_id_write(&channel, &head, id);
}

static bool
is_made(const char *id)
{
	return strlen(id) == 32 && strspn(id, "0123456789abcdef") == 32;
}

START_TEST(is_the_proxys_if_that_is_trusted)
{
	add("x-request-ID", "abc");
	ck_assert(is_made(write_id()));
	channel.facts.from_proxy = true;
	ck_assert_str_eq(write_id(), "abc");
	add("traceparent", "00-" TRACE "-" PARENT "-01");
	ck_assert_str_eq(write_id(), "abc");
	lines[0].value = slice_from_string("a\tb");
	ck_assert_str_eq(write_id(), TRACE);
	add("traceparent", "00-" TRACE "-" PARENT "-01");
	ck_assert(is_made(write_id()));
}
END_TEST

START_TEST(is_made_where_two_are_given)
{
	channel.facts.from_proxy = true;
	add("X-Request-Id", "abc");
	add("X-Request-Id", "abc");
	ck_assert(is_made(write_id()));
}
END_TEST

START_TEST(stays_the_same_within_a_request)
{
	char first[REQUEST_ID_BYTES];

	strcpy(first, write_id());
	ck_assert_str_eq(write_id(), first);
	channel.facts.requests++;
	ck_assert_str_ne(write_id(), first);
}
END_TEST

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

START_TEST(differs_by_request_and_connection)
{
	static char all[1000][REQUEST_ID_BYTES];

	for (int i = 0; i < COUNT(all); i++) {
		if (i % 10 == 0)
			memset(&channel, 0, sizeof(channel));
		request_id_write(&channel, &head, all[i]);
		ck_assert(is_made(all[i]));
		channel.facts.requests++;
	}
	qsort(all, COUNT(all), sizeof(all[0]), compare);
	for (int i = 1; i < COUNT(all); i++)
		ck_assert_str_ne(all[i - 1], all[i]);
}
END_TEST

START_TEST(differs_in_a_fork)
{
	char theirs[REQUEST_ID_BYTES] = "";
	int ends[2];
	pid_t pid;

	write_id();
	memset(&channel, 0, sizeof(channel));
	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		if (write(ends[1], write_id(), 32) != 32)
			_exit(1);
		_exit(0);
	}
	ck_assert_int_eq(read(ends[0], theirs, 32), 32);
	waitpid(pid, NULL, 0);
	ck_assert(is_made(theirs));
	ck_assert_str_ne(write_id(), theirs);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

_Static_assert(REQUEST_ID_BYTES == SCOREBOARD_ID_BYTES, "it fits into a page");

int
main(void)
{
	Suite *suite = suite_create("request_id");
	TCase *tcase = tcase_create("ids");
	SRunner *runner;

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(tcase, takes_ids, 0, COUNT(ids));
	tcase_add_loop_test(tcase, takes_traces, 0, COUNT(traces));
	tcase_add_test(tcase, is_the_proxys_if_that_is_trusted);
	tcase_add_test(tcase, is_made_where_two_are_given);
	tcase_add_test(tcase, stays_the_same_within_a_request);
	tcase_add_test(tcase, differs_by_request_and_connection);
	tcase_add_test(tcase, differs_in_a_fork);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
