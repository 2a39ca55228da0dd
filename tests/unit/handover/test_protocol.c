/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "handover/protocol.h"

#define MASTER	   PROTOCOL_TO_MASTER
#define GENERATION PROTOCOL_TO_GENERATION
#define REFUSED	   PROTOCOL_KINDS

static const struct {
	const char *text;
	enum protocol_receiver receiver;
	size_t fd_count;
	enum protocol_kind kind; /* REFUSED */
	uint64_t number;
} messages[] = {
	{ "ready", MASTER, 0, PROTOCOL_READY, 0 },
	{ "ready", GENERATION, 0, REFUSED, 0 },
	{ "ready", MASTER, 1, REFUSED, 0 },
	{ "ready ", MASTER, 0, REFUSED, 0 },
	{ "ready 1", MASTER, 0, REFUSED, 0 },
	{ "readyx", MASTER, 0, REFUSED, 0 },
	{ "read", MASTER, 0, REFUSED, 0 },
	{ "Ready", MASTER, 0, REFUSED, 0 },
	{ " ready", MASTER, 0, REFUSED, 0 },
	{ "ready\n", MASTER, 0, REFUSED, 0 },
	{ "worn 3", MASTER, 0, PROTOCOL_WORN, PROTOCOL_WEAR_HELPER },
	{ "worn", MASTER, 0, REFUSED, 0 },
	{ "worn 3", GENERATION, 0, REFUSED, 0 },
	{ "moved", MASTER, 0, PROTOCOL_MOVED, 0 },
	{ "moved", GENERATION, 0, REFUSED, 0 },
	{ "counted 0", MASTER, 0, PROTOCOL_COUNTED, 0 },
	{ "counted 18446744073709551614", MASTER, 0, PROTOCOL_COUNTED,
	    UINT64_MAX - 1 },
	{ "counted 18446744073709551615", MASTER, 0, REFUSED, 0 },
	{ "counted 99999999999999999999", MASTER, 0, REFUSED, 0 },
	{ "counted", MASTER, 0, REFUSED, 0 },
	{ "counted ", MASTER, 0, REFUSED, 0 },
	{ "counted  1", MASTER, 0, REFUSED, 0 },
	{ "counted -1", MASTER, 0, REFUSED, 0 },
	{ "counted +1", MASTER, 0, REFUSED, 0 },
	{ "counted 1 ", MASTER, 0, REFUSED, 0 },
	{ "counted 1 2", MASTER, 0, REFUSED, 0 },
	{ "counted 1x", MASTER, 0, REFUSED, 0 },
	{ "count 1", MASTER, 0, REFUSED, 0 },
	{ "count 1", GENERATION, 0, REFUSED, 0 },
	{ "count", MASTER, 0, REFUSED, 0 },
	{ "count", GENERATION, 0, PROTOCOL_COUNT, 0 },
	{ "serve", GENERATION, 0, PROTOCOL_SERVE, 0 },
	{ "serve", MASTER, 0, REFUSED, 0 },
	{ "workers 0 100 60 3 1200", MASTER, 0, PROTOCOL_WORKERS, 0 },
	{ "workers 0 100 60 3 1200", GENERATION, 0, REFUSED, 0 },
	{ "workers 0 x", MASTER, 0, REFUSED, 0 },
	{ "drains", MASTER, 0, PROTOCOL_DRAINS, 0 },
	{ "drains", GENERATION, 0, REFUSED, 0 },
	{ "drain", MASTER, 0, REFUSED, 0 },
	{ "drain", GENERATION, 0, PROTOCOL_DRAIN, 0 },
	{ "drain ", GENERATION, 0, REFUSED, 0 },
	{ "drain x", GENERATION, 0, REFUSED, 0 },
	{ "drain 1 x", GENERATION, 0, REFUSED, 0 },
	{ "drain 1 ", GENERATION, 0, REFUSED, 0 },
	{ "drain 1", GENERATION, 1, REFUSED, 0 },
	{ "stop", GENERATION, 0, PROTOCOL_STOP, 0 },
	{ "stop now", GENERATION, 0, REFUSED, 0 },
	{ "stop", MASTER, 0, REFUSED, 0 },
	{ "leave", GENERATION, 0, PROTOCOL_LEAVE, 0 },
	{ "reopen 7", GENERATION, 0, REFUSED, 0 },
	{ "reopen 7", GENERATION, 1, PROTOCOL_REOPEN, 7 },
	{ "reopen 7", GENERATION, 2, PROTOCOL_REOPEN, 7 },
	{ "reopen 7", GENERATION, 3, REFUSED, 0 },
	{ "reopen", GENERATION, 1, REFUSED, 0 },
	{ "reopen 7", MASTER, 1, REFUSED, 0 },
	{ "reopened 7", MASTER, 0, PROTOCOL_REOPENED, 7 },
	{ "reopened 7", GENERATION, 1, REFUSED, 0 },
	{ "reopened", MASTER, 0, REFUSED, 0 },
	{ "said error: a  b ", MASTER, 0, PROTOCOL_LOG, 0 },
	{ "said ", MASTER, 0, PROTOCOL_LOG, 0 },
	{ "said", MASTER, 0, REFUSED, 0 },
	{ "said x", MASTER, 1, REFUSED, 0 },
	{ "said x", GENERATION, 0, REFUSED, 0 },
	{ "", MASTER, 0, REFUSED, 0 },
	{ "", GENERATION, 0, REFUSED, 0 },
	{ " ", GENERATION, 0, REFUSED, 0 },
	{ "wish 1", MASTER, 0, REFUSED, 0 },
};

START_TEST(a_text_is_a_message_or_is_refused)
{
	struct protocol_message message;
	char text[PROTOCOL_MESSAGE_BYTES];
	bool is_one = protocol_parse(&message, messages[_i].receiver,
	    messages[_i].text, messages[_i].fd_count);

	ck_assert_int_eq(is_one, messages[_i].kind != REFUSED);
	if (!is_one)
		return;
	ck_assert_int_eq(message.kind, messages[_i].kind);
	ck_assert_uint_eq(message.number, messages[_i].number);
	ck_assert_uint_eq(message.fd_count, messages[_i].fd_count);
	/* It is written as it was read. */
	ck_assert_uint_eq(protocol_format(&message, text),
	    strlen(messages[_i].text));
	ck_assert_str_eq(text, messages[_i].text);
}
END_TEST

START_TEST(a_log_copy_is_told_as_it_is)
{
	struct protocol_message message;

	ck_assert(protocol_parse(&message, MASTER, "said error: a  b ", 0));
	ck_assert_str_eq(message.text, "error: a  b ");
}
END_TEST

START_TEST(places_are_a_list_with_a_limit)
{
	static struct protocol_message message, again;
	char text[PROTOCOL_MESSAGE_BYTES], longer[PROTOCOL_MESSAGE_BYTES + 8];
	size_t i;

	message.kind = PROTOCOL_DRAIN;
	message.number_count = PROTOCOL_NUMBERS_MAX;
	for (i = 0; i < PROTOCOL_NUMBERS_MAX; i++)
		message.numbers[i] = 2 * i;
	ck_assert_uint_eq(protocol_format(&message, text), strlen(text));
	ck_assert(protocol_parse(&again, GENERATION, text, 0));
	ck_assert_uint_eq(again.number_count, PROTOCOL_NUMBERS_MAX);
	ck_assert_mem_eq(again.numbers, message.numbers,
	    sizeof(message.numbers));
	snprintf(longer, sizeof(longer), "%s 1", text);
	ck_assert(!protocol_parse(&again, GENERATION, longer, 0));
	message.number_count++;
	ck_assert_uint_eq(protocol_format(&message, text), 0);
}
END_TEST

START_TEST(a_message_has_a_longest_length)
{
	static char text[PROTOCOL_MESSAGE_BYTES];
	char formatted[PROTOCOL_MESSAGE_BYTES];
	struct protocol_message message = { .kind = PROTOCOL_LOG,
		.text = text };
	const size_t most = PROTOCOL_MESSAGE_BYTES - 1 - strlen("said ");

	memset(text, 'x', most);
	ck_assert_uint_eq(protocol_format(&message, formatted),
	    PROTOCOL_MESSAGE_BYTES - 1);
	text[most] = 'x';
	ck_assert_uint_eq(protocol_format(&message, formatted), 0);
	/* Numbers that do not fit, though they are few enough. */
	message = (struct protocol_message){ .kind = PROTOCOL_DRAIN,
		.number_count = PROTOCOL_NUMBERS_MAX };
	memset(message.numbers, 0xff, sizeof(message.numbers));
	ck_assert_uint_eq(protocol_format(&message, formatted), 0);
}
END_TEST

static const struct {
	enum protocol_kind kind;
	size_t fd_count;
	bool is_sent;
} descriptors[] = {
	{ PROTOCOL_STOP, 0, true },
	{ PROTOCOL_STOP, 1, false },
	{ PROTOCOL_REOPEN, 0, false },
	{ PROTOCOL_REOPEN, 1, true },
	{ PROTOCOL_REOPEN, 2, true },
	{ PROTOCOL_REOPEN, 3, false },
};

START_TEST(descriptors_go_with_the_kinds_that_have_them)
{
	struct protocol_message message = { .kind = descriptors[_i].kind,
		.fd_count = descriptors[_i].fd_count },
				got;
	char buffer[PROTOCOL_MESSAGE_BYTES];
	int ends[2];
	size_t i;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	if (!descriptors[_i].is_sent) {
		ck_assert_int_eq(protocol_send(ends[0], &message, 0), -1);
		ck_assert_int_eq(errno, EINVAL);
	} else {
		ck_assert_int_eq(protocol_send(ends[0], &message, 0), 0);
		ck_assert_int_eq(protocol_receive(ends[1], GENERATION, &got,
				     buffer),
		    1);
		ck_assert_int_eq(got.kind, message.kind);
		ck_assert_uint_eq(got.fd_count, message.fd_count);
		for (i = 0; i < got.fd_count; i++)
			ck_assert_int_eq(close(got.fds[i]), 0);
	}
	ck_assert_int_eq(protocol_receive(ends[1], GENERATION, &got, buffer),
	    -1);
	ck_assert_int_eq(errno, EAGAIN);
	close(ends[0]);
	ck_assert_int_eq(protocol_receive(ends[1], GENERATION, &got, buffer),
	    0);
	close(ends[1]);
}
END_TEST

static const struct {
	const char *octets;
	size_t length;
} foreign[] = {
	{ "wish", 4 },
	{ "stop\0", 5 },
	{ "stop\0x", 6 },
	{ "ready", 5 },
};

START_TEST(a_foreign_message_is_refused_with_what_it_brings)
{
	struct iovec iov = { (char *)(uintptr_t)foreign[_i].octets,
		foreign[_i].length };
	struct protocol_message got;
	char buffer[PROTOCOL_MESSAGE_BYTES];
	int ends[2], next = open("/dev/null", O_RDONLY), before, after;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	before = dup(next);
	close(before);
	ck_assert_int_gt(fdpass_send(ends[0], &iov, 1, &next, 1, 0), 0);
	ck_assert_int_eq(protocol_receive(ends[1], GENERATION, &got, buffer),
	    -1);
	ck_assert_int_eq(errno, EBADMSG);
	/* The number that its descriptor had is free again. */
	after = dup(next);
	ck_assert_int_eq(after, before);
	close(after);
	close(next);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof((table)[0]))

int
main(void)
{
	Suite *suite = suite_create("protocol");
	TCase *tests = tcase_create("protocol");
	SRunner *runner = srunner_create(suite);

	tcase_add_loop_test(tests, a_text_is_a_message_or_is_refused, 0,
	    ROWS(messages));
	tcase_add_test(tests, a_log_copy_is_told_as_it_is);
	tcase_add_test(tests, places_are_a_list_with_a_limit);
	tcase_add_test(tests, a_message_has_a_longest_length);
	tcase_add_loop_test(tests, descriptors_go_with_the_kinds_that_have_them,
	    0, ROWS(descriptors));
	tcase_add_loop_test(tests,
	    a_foreign_message_is_refused_with_what_it_brings, 0, ROWS(foreign));
	suite_add_tcase(suite, tests);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
