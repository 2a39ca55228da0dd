/*
 * Requests of a kept connection: nothing of one may be left in the next.
 *
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "config/configuration.h"
#include "message/channel.h"
#include "message/request.h"
#include "message/wait_poll.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static const struct http_limits limits = { 1024, 4096, 16 };

static alignas(max_align_t) char block[4096];
static char octets[INPUT_SIZE(4096)];
static struct http_field fields[16];
static struct configuration configuration;
static struct channel channel;
static struct http_head head;
static struct request request, fresh;

static void
receive(const char *text)
{
	struct input *input = &channel.input;

	input_init(input, octets, sizeof(octets));
	input->end = strlen(text);
	memcpy(octets, text, input->end);
	http_head_init(&head, fields, COUNT(fields));
	ck_assert_int_eq(http_head_parse(&head, octets, input->end, &limits),
	    HTTP_COMPLETE);
	input_keep_head(input, head.length);
}

/* Two requests begin at different times; all else is to be the same. */
static void
begin(const char *text)
{
	receive(text);
	request_begin(&request, NULL, &channel, &head);
	ck_assert_int_gt(request.started_us, 0);
	request.started_us = 0;
}

static void
setup(void)
{
	channel.configuration = &configuration;
	channel.io.wait = wait_poll();
	arena_init(&channel.arena, block, sizeof(block));
}

static void
teardown(void)
{
	arena_reset(&channel.arena);
}

static const char *const requests[] = {
	"GET /a?b HTTP/1.1\r\nHost: a\r\n\r\n",
	"HEAD / HTTP/1.0\r\n\r\n",
	"PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
	"PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
	"Expect: 100-continue\r\n\r\n",
	"PUT /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	"0\r\n\r\n",
};

START_TEST(begins_anew_whatever_was_there)
{
	memset(&request, 0, sizeof(request));
	begin(requests[_i]);
	memcpy(&fresh, &request, sizeof(request));
	memset(&request, 0xff, sizeof(request));
	begin(requests[_i]);
	ck_assert_mem_eq(&request, &fresh, sizeof(request));
}
END_TEST

START_TEST(leaves_nothing_of_the_request_before)
{
	struct body *body = &request.body;
	const char *reason;
	char buffer[8];

	memset(&request, 0, sizeof(request));
	begin(requests[0]);
	memcpy(&fresh, &request, sizeof(request));

	begin(requests[2]);
	ck_assert_int_eq(request_parse_target(&request, &reason), 0);
	ck_assert_int_eq(request_set_note(&request, "user", "a"), 0);
	ck_assert_str_eq(request_host(&request), "a");
	ck_assert_int_eq(body_read(body, buffer, sizeof(buffer), false), 3);
	ck_assert_int_eq(response_set_field(&request.response, "X", "a", false),
	    0);
	ck_assert_int_eq(sender_write(&request.sender, "abc", 3), 0);
	sender_cut(&request.sender);
	begin(requests[0]);
	ck_assert_mem_eq(&request, &fresh, sizeof(request));
}
END_TEST

START_TEST(persists_as_far_as_the_request_goes)
{
	begin(requests[0]);
	ck_assert(request.sender.may_persist);
	sender_close_after(&request.sender);
	ck_assert(!request.sender.may_persist);
	begin(requests[1]);
	ck_assert(!request.sender.may_persist);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("request");
	TCase *tcase = tcase_create("request");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, begins_anew_whatever_was_there, 0,
	    COUNT(requests));
	tcase_add_test(tcase, leaves_nothing_of_the_request_before);
	tcase_add_test(tcase, persists_as_far_as_the_request_goes);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
