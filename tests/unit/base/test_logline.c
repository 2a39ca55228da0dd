/*
 * Lines into logs of every kind: whole or dropped, and no long wait.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/logline.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <check.h>

#include "base/clock.h"

#define LINE "a line of some octets, so that there are not too many\n"

static int ends[2]; /* read, write */
static struct logline the_log;

static void
make_pipe(void)
{
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_ge(fcntl(ends[1], F_SETPIPE_SZ, 4096), 4096);
}

static void
make_pipe_that_does_not_block(void)
{
	make_pipe();
	ck_assert_int_eq(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
}

static void
make_stream(void)
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
}

static void
make_datagrams(void)
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
}

static void (*const kinds[])(void) = { make_pipe, make_pipe_that_does_not_block,
	make_stream, make_datagrams };

#define KINDS ((int)(sizeof(kinds) / sizeof(kinds[0])))

static int
put(const char *line)
{
	return logline_write(&the_log, ends[1], line, strlen(line));
}

/* Lines until one is dropped; their number. */
static size_t
fill(void)
{
	size_t count = 0;

	while (put(LINE) == 0)
		count++;
	return count;
}

/* Everything that is there, without waiting. */
static size_t
drain(char *text, size_t size)
{
	size_t length = 0;
	ssize_t n;

	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	while ((n = read(ends[0], text + length, size - length - 1)) > 0)
		length += (size_t)n;
	text[length] = '\0';
	return length;
}

START_TEST(a_slow_reader_costs_one_wait)
{
	int64_t begun_ms;
	int flags, i;

	kinds[_i]();
	flags = fcntl(ends[1], F_GETFL);
	logline_open(&the_log, ends[1]);
	begun_ms = clock_ms();
	ck_assert_uint_gt(fill(), 1);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_ge(clock_ms() - begun_ms, LOGLINE_WAIT_MS);
	begun_ms = clock_ms();
	for (i = 0; i < 1000; i++)
		ck_assert_int_eq(put(LINE), -1);
	ck_assert_int_lt(clock_ms() - begun_ms, LOGLINE_PAUSE_MS);
	ck_assert_int_eq(fcntl(ends[1], F_GETFL), flags);
}
END_TEST

START_TEST(only_whole_lines_arrive)
{
	static char text[1 << 20];
	size_t count, at, length;

	kinds[_i]();
	logline_open(&the_log, ends[1]);
	count = fill();
	length = drain(text, sizeof(text));
	ck_assert_uint_eq(length, count * strlen(LINE));
	for (at = 0; at < length; at += strlen(LINE))
		ck_assert(memcmp(text + at, LINE, strlen(LINE)) == 0);
	ck_assert_int_eq(put("next\n"), 0);
	ck_assert_uint_eq(drain(text, sizeof(text)), 5);
	ck_assert_str_eq(text, "next\n");
}
END_TEST

START_TEST(a_line_is_whole_at_its_longest)
{
	static char line[LOGLINE_MAX_BYTES], text[1 << 20];
	size_t length;

	memset(line, 'x', sizeof(line));
	kinds[_i]();
	logline_open(&the_log, ends[1]);
	while (put(LINE) == 0 &&
	    logline_write(&the_log, ends[1], line, sizeof(line)) == 0)
		continue;
	length = drain(text, sizeof(text));
	while (length > 0 && text[length - 1] == '\n')
		length -= strlen(LINE);
	ck_assert_uint_eq(length % (sizeof(line) + strlen(LINE)), 0);
}
END_TEST

START_TEST(nobody_reads)
{
	signal(SIGPIPE, SIG_IGN);
	kinds[_i]();
	logline_open(&the_log, ends[1]);
	close(ends[0]);
	ck_assert_int_eq(put(LINE), -1);
	ck_assert_msg(errno == EPIPE || errno == ECONNREFUSED, "errno %d",
	    errno);
	ck_assert_str_eq(logline_reason(EPIPE), "nobody reads it");
}
END_TEST

START_TEST(a_full_disk_is_an_error)
{
	int64_t begun_ms, least_ms = INT64_MAX;
	int i;

	ends[1] = open("/dev/full", O_WRONLY);
	ck_assert_int_ge(ends[1], 0);
	/* Other work of the machine may delay some of them. */
	for (i = 0; i < 10; i++) {
		logline_open(&the_log, ends[1]);
		begun_ms = clock_ms();
		ck_assert_int_eq(put(LINE), -1);
		ck_assert_int_eq(errno, ENOSPC);
		least_ms = clock_earlier(least_ms, clock_ms() - begun_ms);
	}
	ck_assert_int_lt(least_ms, LOGLINE_WAIT_MS);
}
END_TEST

/* A limit on the file's size stands for a disk that becomes full. */
START_TEST(a_line_that_was_cut_is_ended)
{
	struct rlimit limit = { 60, RLIM_INFINITY };
	char path[] = "/tmp/prong-logline-XXXXXX", text[400];
	ssize_t n;
	int fd = mkostemp(path, O_APPEND);

	ck_assert_int_ge(fd, 0);
	unlink(path);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	logline_open(&the_log, fd);
	ck_assert_int_eq(logline_write(&the_log, fd, LINE, strlen(LINE)), 0);
	ck_assert_int_eq(logline_write(&the_log, fd, LINE, strlen(LINE)), -1);
	ck_assert_int_eq(logline_write(&the_log, fd, LINE, strlen(LINE)), -1);
	ck_assert_int_eq(errno, EFBIG);
	limit.rlim_cur = RLIM_INFINITY;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(logline_write(&the_log, fd, LINE, strlen(LINE)), 0);
	ck_assert_int_eq(logline_write(&the_log, fd, LINE, strlen(LINE)), 0);
	n = pread(fd, text, sizeof(text) - 1, 0);
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	ck_assert_str_eq(text, LINE "a line\n" LINE LINE);
	close(fd);
}
END_TEST

/* Whole lines that fit are written; the others are dropped, and counted. */
START_TEST(lines_are_written_together)
{
	static const char three[] = LINE LINE LINE;
	const size_t length = strlen(three);
	struct rlimit limit = { strlen(LINE) * 4 + 7, RLIM_INFINITY };
	char path[] = "/tmp/prong-logline-XXXXXX", text[400];
	int fd = mkostemp(path, O_APPEND), error;
	size_t dropped[3];
	ssize_t n;

	ck_assert_int_ge(fd, 0);
	unlink(path);
	signal(SIGXFSZ, SIG_IGN);
	logline_open(&the_log, fd);
	/* The library of tests writes to a file, too. */
	setrlimit(RLIMIT_FSIZE, &limit);
	dropped[0] = logline_write_lines(&the_log, fd, three, length);
	dropped[1] = logline_write_lines(&the_log, fd, three, length);
	error = errno;
	limit.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_FSIZE, &limit);
	dropped[2] = logline_write_lines(&the_log, fd, LINE, strlen(LINE));
	ck_assert_uint_eq(dropped[0], 0);
	ck_assert_uint_eq(dropped[1], 2);
	ck_assert_uint_eq(dropped[2], 0);
	ck_assert_int_eq(error, EFBIG);
	n = pread(fd, text, sizeof(text) - 1, 0);
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	ck_assert_str_eq(text, LINE LINE LINE LINE "a line \n" LINE);
	close(fd);
}
END_TEST

/* A log that is no file gets line by line: a reader finds whole ones. */
START_TEST(lines_are_counted_one_by_one)
{
	size_t sent = 0, dropped, n;
	char text[65536];
	ssize_t got;

	kinds[_i]();
	logline_open(&the_log, ends[1]);
	do {
		dropped = logline_write_lines(&the_log, ends[1], LINE LINE LINE,
		    strlen(LINE LINE LINE));
		ck_assert_uint_le(dropped, 3);
		sent += 3 - dropped;
	} while (dropped == 0);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_eq(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	for (n = 0; (got = read(ends[0], text, sizeof(text))) > 0;)
		for (ssize_t i = 0; i < got; i++)
			n += text[i] == '\n';
	ck_assert_uint_eq(n, sent);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("logline");
	TCase *tcase = tcase_create("logline");
	SRunner *runner;

	tcase_add_loop_test(tcase, a_slow_reader_costs_one_wait, 0, KINDS);
	tcase_add_loop_test(tcase, only_whole_lines_arrive, 0, KINDS);
	tcase_add_loop_test(tcase, a_line_is_whole_at_its_longest, 0, KINDS);
	tcase_add_loop_test(tcase, nobody_reads, 0, KINDS);
	tcase_add_test(tcase, a_full_disk_is_an_error);
	tcase_add_test(tcase, a_line_that_was_cut_is_ended);
	tcase_add_test(tcase, lines_are_written_together);
	tcase_add_loop_test(tcase, lines_are_counted_one_by_one, 0, KINDS);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
