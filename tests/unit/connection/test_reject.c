/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connection/reject.h"
#include "http/page.h"

static const struct {
	enum reject_reason reason;
	const char *sentence;
} cases[] = {
	{ REJECT_CROWDED, "<p>Too many connections. " },
	{ REJECT_PUNISHED, "<p>Connections of yours have crashed. " },
};

#define COUNT ((int)(sizeof(cases) / sizeof(cases[0])))

START_TEST(sends_a_whole_response)
{
	char text[2 * PAGE_RESPONSE_MAX];
	struct rejects rejects = { 0 };
	const char *content, *length;
	ssize_t bytes;
	uint64_t sent;
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	sent = reject_send(&rejects, pair[0], cases[_i].reason, 0);
	bytes = recv(pair[1], text, sizeof(text) - 1, 0);
	ck_assert_int_gt(bytes, 0);
	ck_assert_int_le(bytes, PAGE_RESPONSE_MAX);
	text[bytes] = '\0';
	ck_assert_int_eq(recv(pair[1], text + bytes, 1, 0), 0);
	close(pair[1]);

	content = strstr(text, "\r\n\r\n");
	length = strstr(text, "\r\nContent-Length: ");
	ck_assert_ptr_nonnull(content);
	ck_assert_ptr_nonnull(length);
	content += strlen("\r\n\r\n");
	ck_assert_uint_eq(strlen(content), sent);
	ck_assert_uint_eq(strtoull(length + strlen("\r\nContent-Length: "),
			      NULL, 10),
	    sent);
	ck_assert_ptr_nonnull(strstr(content, cases[_i].sentence));
	ck_assert_ptr_nonnull(strstr(text, "\r\nRetry-After: "));
	ck_assert_ptr_null(strstr(content, "href"));
}
END_TEST

START_TEST(sends_nothing_to_a_client_that_has_gone)
{
	struct rejects rejects = { 0 };
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	close(pair[1]);
	ck_assert_uint_eq(reject_send(&rejects, pair[0], REJECT_CROWDED, 0), 0);
	ck_assert_uint_eq(rejects.count, 0);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("reject");
	Suite *s = suite_create("reject");
	SRunner *r;

	tcase_add_loop_test(t, sends_a_whole_response, 0, COUNT);
	tcase_add_test(t, sends_nothing_to_a_client_that_has_gone);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
