/*
 * Small pure parts of answering: status, methods, error pages, patience, and
 * what is said of an answer before it is sent.
 *
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include <prong/handler.h>

#include "base/arena.h"
#include "http/errorpage.h"
#include "http/head.h"
#include "http/methods.h"
#include "http/status.h"
#include "message/input.h"
#include "message/pace.h"
#include "message/response.h"
#include "message/response_head.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static alignas(max_align_t) char block[4096];
static struct arena arena;
static struct http_head head;
static struct response response;

static void
setup(void)
{
	memset(&head, 0, sizeof(head));
	head.minor = 1;
	arena_init(&arena, block, sizeof(block));
	response_init(&response, &arena, NULL, &head);
}

static void
teardown(void)
{
	arena_reset(&arena);
}

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{ 100, "Continue" },
	{ 200, "OK" },
	{ 206, "Partial Content" },
	{ 304, "Not Modified" },
	{ 404, "Not Found" },
	{ 413, "Content Too Large" },
	{ 431, "Request Header Fields Too Large" },
	{ 505, "HTTP Version Not Supported" },
	{ 511, "Network Authentication Required" },
	{ 199, "Informational" },
	{ 299, "Successful" },
	{ 399, "Redirection" },
	{ 418, "Client Error" },
	{ 599, "Server Error" },
	{ 0, "Unknown" },
	{ 600, "Unknown" },
	{ -1, "Unknown" },
};

START_TEST(has_a_reason_for_every_status)
{
	ck_assert_str_eq(status_reason(reasons[_i].status), reasons[_i].reason);
}
END_TEST

static const struct {
	const char *name;
	uint64_t bit;
} names[] = {
	{ "GET", PRONG_GET },
	{ "HEAD", PRONG_GET },
	{ "POST", PRONG_POST },
	{ "PUT", PRONG_PUT },
	{ "DELETE", PRONG_DELETE },
	{ "PATCH", PRONG_PATCH },
	{ "OPTIONS", PRONG_OPTIONS },
	{ "get", 0 },
	{ "GETS", 0 },
	{ "GE", 0 },
	{ "", 0 },
	{ "TRACE", 0 },
	{ "CONNECT", 0 },
};

START_TEST(knows_methods)
{
	ck_assert_uint_eq(methods_bit(slice_from_string(names[_i].name)),
	    names[_i].bit);
}
END_TEST

static const struct {
	uint64_t methods;
	const char *allow;
} allows[] = {
	{ 0, "OPTIONS" },
	{ PRONG_GET, "GET, HEAD, OPTIONS" },
	{ PRONG_POST, "POST, OPTIONS" },
	{ PRONG_GET | PRONG_DELETE, "GET, HEAD, DELETE, OPTIONS" },
	{ PRONG_ANY_METHOD, "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS" },
};

START_TEST(writes_allow)
{
	char text[METHODS_TEXT_BYTES];

	ck_assert_str_eq(methods_format(allows[_i].methods, text),
	    allows[_i].allow);
}
END_TEST

START_TEST(takes_a_method_out)
{
	char text[METHODS_TEXT_BYTES];

	ck_assert_str_eq(methods_format(methods_without(PRONG_GET | PRONG_POST,
					    PRONG_POST),
			     text),
	    "GET, HEAD, OPTIONS");
	ck_assert_str_eq(
	    methods_format(methods_without(PRONG_ANY_METHOD, PRONG_PUT), text),
	    "GET, HEAD, POST, DELETE, PATCH, OPTIONS");
	ck_assert_str_eq(methods_format(methods_without(PRONG_GET, PRONG_GET),
			     text),
	    "OPTIONS");
}
END_TEST

START_TEST(takes_no_methods_for_get)
{
	ck_assert(methods_contain(0, PRONG_GET));
	ck_assert(!methods_contain(0, PRONG_POST));
	ck_assert(methods_contain(PRONG_ANY_METHOD, 0));
	ck_assert(!methods_contain(PRONG_GET, 0));
}
END_TEST

static const struct {
	const char *location;
	bool is_linked;
	const char *text;
} locations[] = {
	{ NULL, false, NULL },
	{ "/a", true, "<a href=\"/a\">/a</a>" },
	{ "http://a/", true, "<a href=\"http://a/\">" },
	{ "HTTPS://a/", true, "<a href=\"HTTPS://a/\">" },
	{ "/\"><script>'&", true,
	    "<a href=\"/&quot;&gt;&lt;script&gt;&#39;"
	    "&amp;\">" },
	{ "javascript:alert(1)", false, NULL },
	{ "data:text/html,x", false, NULL },
	{ "", false, NULL },
};

START_TEST(links_where_a_redirect_leads)
{
	char page[2048];
	size_t length = errorpage_write(page, sizeof(page), 301,
	    locations[_i].location);

	ck_assert_uint_lt(length, sizeof(page));
	page[length] = '\0';
	ck_assert_int_eq(strstr(page, "href") ? 1 : 0, locations[_i].is_linked);
	if (locations[_i].text)
		ck_assert_ptr_nonnull(strstr(page, locations[_i].text));
}
END_TEST

START_TEST(tells_the_length_of_a_page_that_does_not_fit)
{
	char page[2048], small[100];
	size_t length = errorpage_write(page, sizeof(page), 404, NULL);

	memset(small, 'x', sizeof(small));
	ck_assert_uint_eq(errorpage_write(small, 50, 404, NULL), length);
	ck_assert_mem_eq(small, page, 50);
	ck_assert_int_eq(small[50], 'x');
}
END_TEST

static const struct {
	int64_t timeout_ms;
	uint64_t min_rate, octets;
	int64_t waited_ms, patience_ms;
} paces[] = {
	{ 1000, 0, 0, 0, 1000 },
	{ 1000, 0, 0, 999999, 1000 },
	{ 1000, 100, 0, 0, 1000 },
	{ 1000, 100, 0, 400, 600 },
	{ 1000, 100, 0, 1000, 0 },
	{ 1000, 100, 0, 5000, 0 },
	{ 1000, 100, 99, 1000, 0 },
	{ 1000, 100, 100, 1000, 1000 },
	{ 1000, 100, 100, 1500, 500 },
	{ 1000, 100, 100000, 0, 1000 },
	{ 1000, 1, UINT64_MAX, 5000, 1000 },
	{ 0, 1, 0, 0, 0 },
};

START_TEST(is_as_patient_as_the_rate_allows)
{
	struct pace pace;

	pace_begin(&pace, paces[_i].timeout_ms, paces[_i].min_rate);
	pace.octets = paces[_i].octets;
	pace.waited_ms = paces[_i].waited_ms;
	ck_assert_int_eq(pace_patience_ms(&pace), paces[_i].patience_ms);
}
END_TEST

static const struct {
	const char *name, *value;
	int result;
} fields[] = {
	{ "X", "a", 0 },
	{ "X", "", 0 },
	{ "X", "a b\tc", 0 },
	{ "X", "\xff", 0 },
	{ "X", NULL, 0 },
	{ "X-Y_z!#$%&'*+.^`|~9", "a", 0 },
	{ "", "a", -1 },
	{ "X Y", "a", -1 },
	{ "X:", "a", -1 },
	{ "X\n", "a", -1 },
	{ "\xe4", "a", -1 },
	{ "X", "a\r\nY: b", -1 },
	{ "X", "a\n", -1 },
	{ "X", "\x7f", -1 },
	{ "X", "\x01", -1 },
	{ "Connection", "close", -1 },
	{ "connection", NULL, -1 },
	{ "Content-Length", "5", -1 },
	{ "Date", "x", -1 },
	{ "Keep-Alive", "x", -1 },
	{ "Trailer", "x", -1 },
	{ "Transfer-Encoding", "chunked", -1 },
	{ "UPGRADE", "x", -1 },
	{ "ETag", "\"a\"", 0 },
	{ "ETag", "W/\"a\"", 0 },
	{ "ETag", "a", -1 },
	{ "ETag", "\"", -1 },
	{ "ETag", "w/\"a\"", -1 },
	{ "ETag", "\"a\"b\"", -1 },
	{ "ETag", NULL, 0 },
	{ "Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT", 0 },
	{ "Last-Modified", "now", -1 },
};

START_TEST(takes_fields_that_are_a_handlers_business)
{
	ck_assert_int_eq(response_set_field(&response, fields[_i].name,
			     fields[_i].value, false),
	    fields[_i].result);
}
END_TEST

START_TEST(takes_no_field_once_it_has_begun)
{
	response.is_begun = true;
	ck_assert_int_eq(response_set_field(&response, "X", "a", false), -1);
	ck_assert_int_eq(response_set_field(&response, "X", "a", true), -1);
}
END_TEST

START_TEST(forgets_what_was_said)
{
	ck_assert(response_is_empty(&response));
	response.has_status = true;
	response.status = 404;
	response_set_field(&response, "X", "a", false);
	response_set_etag(&response, "x", false);
	content_add(&response.content, "abc", 3);
	ck_assert(!response_is_empty(&response));
	response_reset(&response);
	ck_assert(response_is_empty(&response));
	ck_assert_int_eq(response.status, 200);
	ck_assert_uint_eq(response.content.length, 0);
	ck_assert_ptr_null(response_field(&response, "X"));
}
END_TEST

static const struct {
	enum response_framing framing;
	bool persists;
	int minor;
	const char *end;
} ends[] = {
	{ FRAMING_LENGTH, true, 1, "Content-Length: 42\r\n\r\n" },
	{ FRAMING_LENGTH, false, 1,
	    "Content-Length: 42\r\nConnection: close\r\n\r\n" },
	{ FRAMING_LENGTH, true, 0,
	    "Content-Length: 42\r\nConnection: keep-alive\r\n\r\n" },
	{ FRAMING_CHUNKED, true, 1, "Transfer-Encoding: chunked\r\n\r\n" },
	{ FRAMING_CLOSE, false, 0,
	    "text/plain; charset=utf-8\r\nConnection: close\r\n\r\n" },
	{ FRAMING_NONE, true, 1, "Server: prong\r\n\r\n" },
};

START_TEST(makes_a_head)
{
	static const char begin[] =
	    "HTTP/1.1 200 OK\r\n"
	    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nServer: prong\r\n";
	const struct response_frame frame = { .framing = ends[_i].framing,
		.content_length = 42,
		.persists = ends[_i].persists };
	size_t length = strlen(ends[_i].end);
	struct slice text;

	head.minor = ends[_i].minor;
	text = response_head_make(&response, &frame, 784111777);
	ck_assert_ptr_nonnull(text.data);
	ck_assert_uint_ge(text.len, length);
	ck_assert_mem_eq(text.data, begin, sizeof(begin) - 1);
	ck_assert_mem_eq(text.data + text.len - length, ends[_i].end, length);
}
END_TEST

START_TEST(makes_a_head_of_any_size)
{
	const struct response_frame frame = { .framing = FRAMING_NONE };
	char value[20000];
	struct slice text;

	memset(value, 'v', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(response_set_field(&response, "X", value,
				     true),
		    0);
	ck_assert_int_eq(response_set_etag(&response, value, true), 0);
	text = response_head_make(&response, &frame, 0);
	ck_assert_ptr_nonnull(text.data);
	ck_assert_uint_gt(text.len, 21 * (sizeof(value) - 1));
}
END_TEST

/* A buffer for heads of up to 10 octets. */
static char data[INPUT_SIZE(10)];

START_TEST(keeps_a_head_in_the_front_half)
{
	struct input input;

	input_init(&input, data, sizeof(data));
	for (size_t used = 0; used <= sizeof(data); used++) {
		input.start = used;
		input.end = sizeof(data);
		if (used < sizeof(data))
			data[used] = 'h';
		input_drop_head(&input);
		ck_assert_uint_le(input.start, sizeof(data) / 2);
		ck_assert_uint_eq(input_pending(&input), sizeof(data) - used);
		if (used < sizeof(data))
			ck_assert_int_eq(data[input.start], 'h');
		/* A head and a body behind it have room. */
		ck_assert_uint_ge(sizeof(data) - input.start, 10 + 4096);
	}
}
END_TEST

START_TEST(makes_room_until_it_is_full)
{
	struct input input;

	input_init(&input, data, sizeof(data));
	ck_assert(input_make_room(&input));
	input.start = 7;
	input.end = sizeof(data);
	ck_assert(input_make_room(&input));
	ck_assert_uint_eq(input.start, 0);
	ck_assert_uint_eq(input.end, sizeof(data) - 7);
	input.end = sizeof(data);
	ck_assert(!input_make_room(&input));
}
END_TEST

static void
add_tests(TCase *tcase)
{
	tcase_add_loop_test(tcase, has_a_reason_for_every_status, 0,
	    COUNT(reasons));
	tcase_add_loop_test(tcase, knows_methods, 0, COUNT(names));
	tcase_add_loop_test(tcase, writes_allow, 0, COUNT(allows));
	tcase_add_test(tcase, takes_a_method_out);
	tcase_add_test(tcase, takes_no_methods_for_get);
	tcase_add_loop_test(tcase, links_where_a_redirect_leads, 0,
	    COUNT(locations));
	tcase_add_test(tcase, tells_the_length_of_a_page_that_does_not_fit);
	tcase_add_loop_test(tcase, is_as_patient_as_the_rate_allows, 0,
	    COUNT(paces));
	tcase_add_loop_test(tcase, takes_fields_that_are_a_handlers_business, 0,
	    COUNT(fields));
	tcase_add_test(tcase, takes_no_field_once_it_has_begun);
	tcase_add_test(tcase, forgets_what_was_said);
	tcase_add_loop_test(tcase, makes_a_head, 0, COUNT(ends));
	tcase_add_test(tcase, makes_a_head_of_any_size);
	tcase_add_test(tcase, keeps_a_head_in_the_front_half);
	tcase_add_test(tcase, makes_room_until_it_is_full);
}

int
main(void)
{
	Suite *suite = suite_create("response");
	TCase *tcase = tcase_create("response");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	add_tests(tcase);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
