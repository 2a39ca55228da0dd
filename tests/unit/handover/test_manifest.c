/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdpass.h"
#include "handover/manifest.h"
#include "handover/manifest_io.h"

#define S MANIFEST_FOR_SNAPSHOT
#define G MANIFEST_FOR_GENERATION
#define U MANIFEST_FOR_UPGRADE

static const struct {
	enum manifest_audience audience;
	const char *text;
	enum manifest_error error;
	enum manifest_keyword keyword;
	int fd;
	const char *value;
} lines[] = {
	{ G, "prong 1.0", MANIFEST_OK, MANIFEST_RELEASE, -1, "1.0" },
	{ U, "prong 1.0", MANIFEST_FOREIGN, 0, 0, NULL },
	{ G, "prong", MANIFEST_LACKS_VALUE, 0, 0, NULL },
	{ G, "prong ", MANIFEST_LACKS_VALUE, 0, 0, NULL },
	{ U, "prong-state 2", MANIFEST_OK, MANIFEST_STATE, -1, "2" },
	{ G, "prong-state 2", MANIFEST_FOREIGN, 0, 0, NULL },
	{ U, "started 0", MANIFEST_OK, MANIFEST_STARTED, -1, "0" },
	{ S, "started 0", MANIFEST_FOREIGN, 0, 0, NULL },
	{ U, "started 9223372036854775807", MANIFEST_OK, MANIFEST_STARTED, -1,
	    "9223372036854775807" },
	{ U, "started 9223372036854775808", MANIFEST_BAD_NUMBER, 0, 0, NULL },
	{ U, "started 99999999999999999999", MANIFEST_BAD_NUMBER, 0, 0, NULL },
	{ U, "started -1", MANIFEST_BAD_NUMBER, 0, 0, NULL },
	{ U, "started +1", MANIFEST_BAD_NUMBER, 0, 0, NULL },
	{ U, "started  1", MANIFEST_BAD_NUMBER, 0, 0, NULL },
	{ U, "started 1 ", MANIFEST_BAD_NUMBER, 0, 0, NULL },
	{ U, "started 1s", MANIFEST_BAD_NUMBER, 0, 0, NULL },
	{ U, "started", MANIFEST_BAD_NUMBER, 0, 0, NULL },
	{ U, "start 1", MANIFEST_UNKNOWN, 0, 0, NULL },
	{ U, "startedx 1", MANIFEST_UNKNOWN, 0, 0, NULL },
	{ U, "Started 1", MANIFEST_UNKNOWN, 0, 0, NULL },
	{ U, " started 1", MANIFEST_UNKNOWN, 0, 0, NULL },
	{ U, "", MANIFEST_UNKNOWN, 0, 0, NULL },
	{ U, " ", MANIFEST_UNKNOWN, 0, 0, NULL },
	{ U, "wish 1", MANIFEST_UNKNOWN, 0, 0, NULL },
	{ U, "wish-fd 1", MANIFEST_UNKNOWN, 0, 0, NULL },
	{ G, "generation 3", MANIFEST_OK, MANIFEST_GENERATION, -1, "3" },
	{ U, "generation 3", MANIFEST_FOREIGN, 0, 0, NULL },
	{ U, "generation-fd 6 3 4 1 0 0", MANIFEST_OK, MANIFEST_GENERATION_FD,
	    6, "3 4 1 0 0" },
	{ U, "generation-fd -1 3 4 1 0 0", MANIFEST_OK, MANIFEST_GENERATION_FD,
	    -1, "3 4 1 0 0" },
	{ U, "generation-fd -2 3 4 1 0 0", MANIFEST_LACKS_DESCRIPTOR, 0, 0,
	    NULL },
	{ U, "generation-fd -1", MANIFEST_LACKS_VALUE, 0, 0, NULL },
	{ U, "generation-fd", MANIFEST_LACKS_DESCRIPTOR, 0, 0, NULL },
	{ G, "generation-fd 6 3 4 1 0 0", MANIFEST_FOREIGN, 0, 0, NULL },
	{ G, "control-fd 0", MANIFEST_OK, MANIFEST_CONTROL_FD, 0, "" },
	{ G, "control-fd 2147483647", MANIFEST_OK, MANIFEST_CONTROL_FD, INT_MAX,
	    "" },
	{ G, "control-fd 2147483648", MANIFEST_LACKS_DESCRIPTOR, 0, 0, NULL },
	{ G, "control-fd 4294967301", MANIFEST_LACKS_DESCRIPTOR, 0, 0, NULL },
	{ G, "control-fd -1", MANIFEST_LACKS_DESCRIPTOR, 0, 0, NULL },
	{ G, "control-fd", MANIFEST_LACKS_DESCRIPTOR, 0, 0, NULL },
	{ G, "control-fd ", MANIFEST_LACKS_DESCRIPTOR, 0, 0, NULL },
	{ G, "control-fd x", MANIFEST_LACKS_DESCRIPTOR, 0, 0, NULL },
	{ G, "control-fd 5x", MANIFEST_LACKS_DESCRIPTOR, 0, 0, NULL },
	{ G, "control-fd 5 6", MANIFEST_HAS_VALUE, 0, 0, NULL },
	{ G, "control-fd 5 ", MANIFEST_LACKS_VALUE, 0, 0, NULL },
	{ G, "access-log-fd -1", MANIFEST_OK, MANIFEST_ACCESS_LOG_FD, -1, "" },
	{ U, "error-log-fd -1", MANIFEST_LACKS_DESCRIPTOR, 0, 0, NULL },
	{ G, "listener-fd 5", MANIFEST_OK, MANIFEST_LISTENER_FD, 5, "" },
	{ U, "listener-fd 5 [::1]:80", MANIFEST_OK, MANIFEST_LISTENER_FD, 5,
	    "[::1]:80" },
	{ U, "client-fd 5 1", MANIFEST_OK, MANIFEST_CLIENT_FD, 5, "1" },
	{ U, "client-fd 5 x", MANIFEST_BAD_NUMBER, 0, 0, NULL },
	{ G, "source-fd 5 /a b  c", MANIFEST_OK, MANIFEST_SOURCE_FD, 5,
	    "/a b  c" },
	{ S, "source-fd 5 /a", MANIFEST_OK, MANIFEST_SOURCE_FD, 5, "/a" },
	{ G, "source-fd 5", MANIFEST_LACKS_VALUE, 0, 0, NULL },
	{ G, "source-fd /a", MANIFEST_LACKS_DESCRIPTOR, 0, 0, NULL },
	{ U, "error-log-path stderr", MANIFEST_OK, MANIFEST_ERROR_LOG_PATH, -1,
	    "stderr" },
	{ G, "error-log-path stderr", MANIFEST_FOREIGN, 0, 0, NULL },
	{ S, "identity 0 0 0 ", MANIFEST_OK, MANIFEST_IDENTITY, -1, "0 0 0 " },
	{ S, "end", MANIFEST_OK, MANIFEST_END, -1, "" },
	{ S, "end 1", MANIFEST_HAS_VALUE, 0, 0, NULL },
	{ S, "end ", MANIFEST_LACKS_VALUE, 0, 0, NULL },
};

START_TEST(a_line_of_a_file_is_taken_or_refused)
{
	struct manifest m = { .audience = lines[_i].audience };
	struct manifest out = { .audience = lines[_i].audience };
	struct manifest_line line;
	char text[MANIFEST_LINE_BYTES];

	ck_assert_int_eq(manifest_parse(&m, &line, lines[_i].text),
	    lines[_i].error);
	ck_assert_int_eq(m.seen != 0, lines[_i].error == MANIFEST_OK);
	if (lines[_i].error != MANIFEST_OK)
		return;
	ck_assert_int_eq(line.keyword, lines[_i].keyword);
	ck_assert_int_eq(line.fd, lines[_i].fd);
	ck_assert_str_eq(line.value, lines[_i].value);
	/* It is written as it was read. */
	ck_assert_int_eq(manifest_format(&out, text, line.keyword, line.fd,
			     line.value),
	    MANIFEST_OK);
	ck_assert_str_eq(text, lines[_i].text);
}
END_TEST

static const struct {
	enum manifest_audience audience;
	const char *text;
	int fd;
	enum manifest_error error;
	const char *value;
} messages[] = {
	{ S, "source-fd /a", 7, MANIFEST_OK, "/a" },
	{ S, "source-fd 7 /a", 8, MANIFEST_OK, "7 /a" },
	{ S, "source-fd /a", -1, MANIFEST_LACKS_DESCRIPTOR, NULL },
	{ S, "source-fd", 7, MANIFEST_LACKS_VALUE, NULL },
	{ S, "listen 127.0.0.1:80", -1, MANIFEST_OK, "127.0.0.1:80" },
	{ S, "listen 127.0.0.1:80", 7, MANIFEST_HAS_DESCRIPTOR, NULL },
	{ S, "listener-fd 127.0.0.1:80", 7, MANIFEST_FOREIGN, NULL },
	{ S, "wish /a", 7, MANIFEST_UNKNOWN, NULL },
	{ S, "end", -1, MANIFEST_OK, "" },
	{ S, "end", 7, MANIFEST_HAS_DESCRIPTOR, NULL },
	{ U, "access-log-fd", -1, MANIFEST_OK, "" },
	{ U, "access-log-fd", 7, MANIFEST_OK, "" },
};

START_TEST(a_line_of_a_message_is_taken_or_refused)
{
	struct manifest m = { .audience = messages[_i].audience };
	struct manifest out = { .audience = messages[_i].audience };
	struct manifest_line line;
	char text[MANIFEST_LINE_BYTES];

	ck_assert_int_eq(manifest_parse_message(&m, &line, messages[_i].text,
			     messages[_i].fd),
	    messages[_i].error);
	if (messages[_i].error != MANIFEST_OK)
		return;
	ck_assert_int_eq(line.fd, messages[_i].fd);
	ck_assert_str_eq(line.value, messages[_i].value);
	ck_assert_int_eq(manifest_format_message(&out, text, line.keyword,
			     line.fd, line.value),
	    MANIFEST_OK);
	ck_assert_str_eq(text, messages[_i].text);
}
END_TEST

static bool
ends_in_fd(const char *name)
{
	size_t length = strlen(name);

	return length > 3 && strcmp(name + length - 3, "-fd") == 0;
}

/* For each keyword. */
START_TEST(a_name_says_whether_a_descriptor_follows)
{
	const enum manifest_keyword keyword = (enum manifest_keyword)_i;
	const char *name = manifest_name(keyword);
	struct manifest m = { .audience = S };
	struct manifest_line line;
	int other;

	ck_assert_int_eq(manifest_parse_message(&m, &line, name, 7) !=
		MANIFEST_HAS_DESCRIPTOR,
	    ends_in_fd(name));
	ck_assert(manifest_is_for(keyword, S) || manifest_is_for(keyword, G) ||
	    manifest_is_for(keyword, U));
	for (other = 0; other < _i; other++)
		ck_assert_str_ne(name,
		    manifest_name((enum manifest_keyword)other));
}
END_TEST

static const struct {
	enum manifest_audience audience;
	const char *text;
	bool may_repeat;
} twice[] = {
	{ G, "prong 1.0", false },
	{ U, "started 1", false },
	{ G, "control-fd 5", false },
	{ U, "access-log-fd -1", false },
	{ G, "listener-fd 5", true },
	{ U, "generation-fd 5 1 2 3 4", true },
	{ U, "client-fd 5 1", true },
	{ S, "source-fd 5 /a", true },
	{ S, "page-fd 5 /a", true },
	{ S, "plugin-fd 5 a /a", true },
	{ S, "identity 0 0 0 ", false },
	{ S, "group 1", true },
	{ S, "listen 127.0.0.1:80", true },
	{ S, "control-path /a", false },
	{ S, "stop-grace 1", false },
	{ S, "end", false },
};

START_TEST(most_lines_stand_there_once)
{
	struct manifest m = { .audience = twice[_i].audience };
	struct manifest_line line;

	ck_assert_int_eq(manifest_parse(&m, &line, twice[_i].text),
	    MANIFEST_OK);
	ck_assert_int_eq(manifest_parse(&m, &line, twice[_i].text),
	    twice[_i].may_repeat ? MANIFEST_OK : MANIFEST_REPEATED);
}
END_TEST

START_TEST(a_value_has_a_longest_length)
{
	static char value[MANIFEST_VALUE_BYTES + 1];
	char text[MANIFEST_LINE_BYTES];
	static char longer[MANIFEST_LINE_BYTES + 1];
	struct manifest m = { .audience = U }, out = { .audience = U };
	struct manifest_line line;

	memset(value, 'x', MANIFEST_VALUE_BYTES - 1);
	ck_assert_int_eq(manifest_format(&out, text, MANIFEST_SOURCE_FD,
			     INT_MAX, value),
	    MANIFEST_OK);
	ck_assert_int_eq(manifest_parse(&m, &line, text), MANIFEST_OK);
	ck_assert_str_eq(line.value, value);
	snprintf(longer, sizeof(longer), "%sx", text);
	ck_assert_int_eq(manifest_parse(&m, &line, longer), MANIFEST_TOO_LONG);
	value[MANIFEST_VALUE_BYTES - 1] = 'x';
	ck_assert_int_eq(manifest_format(&out, text, MANIFEST_SOURCE_FD, 5,
			     value),
	    MANIFEST_TOO_LONG);
}
END_TEST

static const struct {
	enum manifest_keyword keyword;
	int fd;
	const char *value;
	enum manifest_error error;
} outputs[] = {
	{ MANIFEST_PROGRAM_PATH, -1, "/a b", MANIFEST_OK },
	{ MANIFEST_PROGRAM_PATH, -1, "/a\nb", MANIFEST_HAS_LINE_FEED },
	{ MANIFEST_PROGRAM_PATH, -1, "", MANIFEST_LACKS_VALUE },
	{ MANIFEST_PROGRAM_PATH, 5, "/a", MANIFEST_HAS_DESCRIPTOR },
	{ MANIFEST_ERROR_LOG_FD, 5, "/a", MANIFEST_HAS_VALUE },
	{ MANIFEST_ERROR_LOG_FD, -1, "", MANIFEST_LACKS_DESCRIPTOR },
	{ MANIFEST_STARTED, -1, "soon", MANIFEST_BAD_NUMBER },
	{ MANIFEST_RELEASE, -1, "1.0", MANIFEST_FOREIGN },
};

START_TEST(nothing_is_written_that_would_not_be_read)
{
	struct manifest m = { .audience = U };
	char text[MANIFEST_LINE_BYTES];

	ck_assert_int_eq(manifest_format(&m, text, outputs[_i].keyword,
			     outputs[_i].fd, outputs[_i].value),
	    outputs[_i].error);
}
END_TEST

START_TEST(every_error_is_described)
{
	ck_assert_uint_gt(strlen(manifest_describe((enum manifest_error)_i)),
	    0);
}
END_TEST

START_TEST(descriptors_go_through_a_file)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct manifest_writer w;
	struct manifest_reader r;
	struct manifest_line line;

	manifest_writer_init(&w, "test", G);
	manifest_printf(&w, MANIFEST_GENERATION, -1, "%d", 7);
	manifest_write(&w, MANIFEST_CONTROL_FD, fd, "");
	ck_assert_int_eq(fcntl(fd, F_GETFD), 0);
	ck_assert_int_eq(manifest_reader_open(&r, manifest_writer_finish(&w),
			     G),
	    0);
	ck_assert_int_eq(manifest_read(&r, &line), MANIFEST_LINE);
	ck_assert_int_eq(line.keyword, MANIFEST_GENERATION);
	ck_assert_int_eq(line.number, 7);
	ck_assert_int_eq(manifest_read(&r, &line), MANIFEST_LINE);
	ck_assert_int_eq(line.fd, fd);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(manifest_read(&r, &line), MANIFEST_COMPLETE);
	manifest_reader_close(&r);
	close(fd);
}
END_TEST

static const struct {
	const char *text;
	enum manifest_event event;
	enum manifest_error error;
} files[] = {
	{ "", MANIFEST_CUT, MANIFEST_OK },
	{ "end", MANIFEST_CUT, MANIFEST_OK },
	{ "end\n", MANIFEST_COMPLETE, MANIFEST_OK },
	{ "started 1\n", MANIFEST_LINE, MANIFEST_OK },
	{ "started 1", MANIFEST_CUT, MANIFEST_OK },
	{ "\n", MANIFEST_REFUSED, MANIFEST_UNKNOWN },
	{ "listener-fd 1000000\n", MANIFEST_REFUSED,
	    MANIFEST_CLOSED_DESCRIPTOR },
	{ "listener-fd -1\n", MANIFEST_REFUSED, MANIFEST_LACKS_DESCRIPTOR },
};

START_TEST(a_file_is_read_line_by_line)
{
	char path[] = "/tmp/test_manifest.XXXXXX";
	int fd = mkstemp(path);
	struct manifest_reader r;
	struct manifest_line line;

	ck_assert_int_ge(fd, 0);
	unlink(path);
	ck_assert_int_eq(write(fd, files[_i].text, strlen(files[_i].text)),
	    (ssize_t)strlen(files[_i].text));
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	ck_assert_int_eq(manifest_reader_open(&r, fd, G), 0);
	ck_assert_int_eq(manifest_read(&r, &line), files[_i].event);
	ck_assert_int_eq(r.error, files[_i].error);
	manifest_reader_close(&r);
}
END_TEST

START_TEST(the_first_error_of_a_writer_stays)
{
	struct manifest_writer w;

	manifest_writer_init(&w, "test", G);
	manifest_write(&w, MANIFEST_CONTROL_FD, 1000000, "");
	manifest_write(&w, MANIFEST_CONTROL_SOCKET_FD, -1, "");
	ck_assert_int_eq(manifest_writer_finish(&w), -1);
	ck_assert_int_eq(errno, EBADF);
}
END_TEST

START_TEST(a_message_brings_its_descriptor)
{
	struct manifest out = { .audience = S }, in = { .audience = S };
	struct manifest_line line;
	char text[MANIFEST_LINE_BYTES];
	int ends[2], fds[FDPASS_MAX], fd = open("/dev/null", O_RDONLY);
	ssize_t n;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	ck_assert_int_eq(manifest_send(&out, ends[0], MANIFEST_PAGE_FD, fd,
			     "/a"),
	    0);
	n = fdpass_receive(ends[1], text, sizeof(text) - 1, fds, 0);
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	ck_assert_int_eq(manifest_parse_message(&in, &line, text, fds[0]),
	    MANIFEST_OK);
	ck_assert_str_eq(line.value, "/a");
	ck_assert_int_ge(line.fd, 0);
	ck_assert_int_eq(manifest_send(&out, ends[0], MANIFEST_PAGE_FD, -1,
			     "/a"),
	    -1);
	ck_assert_int_eq(errno, EINVAL);
	close(fds[0]);
	close(fd);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof((table)[0]))

int
main(void)
{
	Suite *suite = suite_create("manifest");
	TCase *tests = tcase_create("manifest");
	SRunner *runner = srunner_create(suite);

	tcase_add_loop_test(tests, a_line_of_a_file_is_taken_or_refused, 0,
	    ROWS(lines));
	tcase_add_loop_test(tests, a_line_of_a_message_is_taken_or_refused, 0,
	    ROWS(messages));
	tcase_add_loop_test(tests, a_name_says_whether_a_descriptor_follows, 0,
	    MANIFEST_KEYWORDS);
	tcase_add_loop_test(tests, most_lines_stand_there_once, 0, ROWS(twice));
	tcase_add_test(tests, a_value_has_a_longest_length);
	tcase_add_loop_test(tests, nothing_is_written_that_would_not_be_read, 0,
	    ROWS(outputs));
	tcase_add_loop_test(tests, every_error_is_described, 0,
	    MANIFEST_TOO_LONG + 1);
	tcase_add_test(tests, descriptors_go_through_a_file);
	tcase_add_loop_test(tests, a_file_is_read_line_by_line, 0, ROWS(files));
	tcase_add_test(tests, the_first_error_of_a_writer_stays);
	tcase_add_test(tests, a_message_brings_its_descriptor);
	suite_add_tcase(suite, tests);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
