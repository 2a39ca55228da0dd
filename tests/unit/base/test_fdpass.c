/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdpass.h"

/* How many are open, of those that a test comes to. */
static int
count_open(void)
{
	int fd, n = 0;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static int ends[2];

static void
send_with(const char *text, size_t count)
{
	const struct iovec iov[2] = { { (char *)(uintptr_t) "say ", 4 },
		{ (char *)(uintptr_t)text, strlen(text) } };
	int fds[FDPASS_MAX + 1], i;

	for (i = 0; i <= FDPASS_MAX; i++)
		fds[i] = open("/dev/null", O_WRONLY | O_CLOEXEC);
	ck_assert_int_eq(fdpass_send(ends[0], iov, 2, fds, count, 0),
	    4 + strlen(text));
	for (i = 0; i <= FDPASS_MAX; i++)
		close(fds[i]);
}

START_TEST(what_is_sent_arrives)
{
	size_t count, i;
	int fds[FDPASS_MAX], before;
	char text[64];
	ssize_t n;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	before = count_open();
	for (count = 0; count <= FDPASS_MAX + 1; count++) {
		send_with("hello", count);
		n = fdpass_receive(ends[1], text, sizeof(text), fds, 0);
		ck_assert_int_eq(n, 9);
		ck_assert_int_eq(memcmp(text, "say hello", 9), 0);
		for (i = 0; i < FDPASS_MAX; i++) {
			ck_assert_int_eq(fds[i] >= 0, i < count);
			if (fds[i] < 0)
				continue;
			ck_assert_int_eq(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
			ck_assert_int_eq(fcntl(fds[i], F_GETFL) & O_ACCMODE,
			    O_WRONLY);
			close(fds[i]);
		}
		/* Also the one too many. */
		ck_assert_int_eq(count_open(), before);
	}
}
END_TEST

/* As many as the kernel lets a message have. */
START_TEST(all_descriptors_are_taken)
{
	char control[CMSG_SPACE(FDPASS_ALL * sizeof(int))] = { 0 }, text[8];
	struct iovec iov = { text, 1 };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&m);
	int fds[FDPASS_ALL], i;
	size_t count = 1;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(FDPASS_ALL * sizeof(int));
	memset(CMSG_DATA(header), 0, FDPASS_ALL * sizeof(int));
	ck_assert_int_eq(sendmsg(ends[0], &m, 0), 1);
	ck_assert_int_eq(fdpass_receive_all(ends[1], text, 8, fds, &count, 0),
	    1);
	ck_assert_uint_eq(count, FDPASS_ALL);
	for (i = 0; i < FDPASS_ALL; i++) {
		ck_assert_int_eq(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
		close(fds[i]);
	}
	ck_assert_int_eq(fdpass_receive_all(ends[1], text, 8, fds, &count,
			     MSG_DONTWAIT),
	    -1);
	ck_assert_uint_eq(count, 0);
}
END_TEST

START_TEST(nothing_and_the_end)
{
	int fds[FDPASS_MAX] = { 0, 0 };
	char text[8];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	ck_assert_int_eq(fdpass_receive(ends[1], text, sizeof(text), fds,
			     MSG_DONTWAIT),
	    -1);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_eq(fds[0], -1);
	ck_assert_int_eq(fds[1], -1);
	close(ends[0]);
	ck_assert_int_eq(fdpass_receive(ends[1], text, sizeof(text), fds,
			     MSG_DONTWAIT),
	    0);
	ck_assert_int_eq(fds[0], -1);
	/* Nobody reads: an error, and no signal. */
	ends[0] = ends[1];
	ck_assert_int_eq(fdpass_send(ends[0], &(struct iovec){ text, 1 }, 1,
			     NULL, 0, 0),
	    -1);
	ck_assert_int_eq(errno, EPIPE);
}
END_TEST

START_TEST(no_room_for_descriptors)
{
	int fds[FDPASS_MAX], before;
	struct rlimit few;
	char text[16];
	rlim_t most;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	before = count_open();
	send_with("x", 2);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &few), 0);
	most = few.rlim_cur;
	few.rlim_cur = 3;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	ck_assert_int_eq(fdpass_receive(ends[1], text, sizeof(text), fds, 0),
	    5);
	few.rlim_cur = most;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	ck_assert_int_eq(fds[0], -1);
	ck_assert_int_eq(fds[1], -1);
	ck_assert_int_eq(count_open(), before);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("passing");
	TCase *tests = tcase_create("passing");
	SRunner *runner = srunner_create(suite);

	tcase_add_test(tests, what_is_sent_arrives);
	tcase_add_test(tests, all_descriptors_are_taken);
	tcase_add_test(tests, nothing_and_the_end);
	tcase_add_test(tests, no_room_for_descriptors);
	suite_add_tcase(suite, tests);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
