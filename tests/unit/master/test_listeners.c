/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "handover/snapshot.h"
#include "master/activation.h"
#include "master/listeners.h"

static struct activation passed; /* none */
static const struct listeners none;

/* A set of so many entries. */
static struct snapshot *
listening_at(const char *const *entries, size_t count)
{
	struct snapshot *set = snapshot_new();
	char line[256];
	size_t i;

	for (i = 0; i < count; i++) {
		snprintf(line, sizeof(line), "listen %s", entries[i]);
		ck_assert_int_eq(snapshot_add(set, line, -1), 0);
	}
	return set;
}

static int
open_from(struct listeners *next, const struct listeners *now,
    const char *const *entries, size_t count)
{
	struct snapshot *set = listening_at(entries, count);
	int result = listeners_open(next, now, set, &passed, 0);

	snapshot_free(set);
	return result;
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

START_TEST(those_that_stay_are_kept)
{
	static const char *const before[] = { "127.0.0.1:0", "127.0.0.1:0" };
	static const char *const after[] = { "127.0.0.1:0" };
	struct listeners now, next;
	int fds[2];

	ck_assert_int_eq(open_from(&now, &none, before, 2), 0);
	ck_assert_uint_eq(now.count, 2);
	fds[0] = now.all[0].fd;
	fds[1] = now.all[1].fd;
	ck_assert_int_ne(fds[0], fds[1]);
	/* The same ones, in the same order. */
	ck_assert_int_eq(open_from(&next, &now, before, 2), 0);
	ck_assert_int_eq(next.all[0].fd, fds[0]);
	ck_assert_int_eq(next.all[1].fd, fds[1]);
	listeners_close(&next, &now, &passed);
	ck_assert(is_open(fds[0]) && is_open(fds[1]));
	/* One of two. */
	ck_assert_int_eq(open_from(&next, &now, after, 1), 0);
	ck_assert_uint_eq(next.count, 1);
	ck_assert(listeners_have(&next, fds[0]));
	ck_assert(!listeners_have(&next, fds[1]));
	listeners_close(&now, &next, &passed);
	ck_assert(is_open(fds[0]) && !is_open(fds[1]));
	listeners_close(&next, NULL, &passed);
	ck_assert(!is_open(fds[0]));
	ck_assert_uint_eq(next.count, 0);
}
END_TEST

START_TEST(one_that_fails_changes_nothing)
{
	char taken[64];
	const char *entries[3] = { "127.0.0.1:0", "127.0.0.1:0", taken };
	struct listeners other, now, next;
	int lowest;

	ck_assert_int_eq(open_from(&other, &none, entries, 1), 0);
	snprintf(taken, sizeof(taken), "%s", listeners_where(&other, 0));
	ck_assert_int_eq(open_from(&now, &none, entries, 1), 0);
	lowest = dup(0);
	close(lowest);
	ck_assert_int_eq(open_from(&next, &now, entries, 3), -1);
	ck_assert_uint_eq(next.count, 0);
	ck_assert_ptr_null(next.all);
	ck_assert(is_open(now.all[0].fd));
	/* What was opened besides is closed. */
	ck_assert_int_eq(dup(0), lowest);
	entries[2] = "nonsense";
	ck_assert_int_eq(open_from(&next, &now, entries, 3), -1);
	entries[2] = "systemd:none";
	ck_assert_int_eq(open_from(&next, &now, entries, 3), -1);
	ck_assert(is_open(now.all[0].fd));
	listeners_close(&now, NULL, &passed);
	listeners_close(&other, NULL, &passed);
}
END_TEST

START_TEST(a_path_goes_with_its_listener)
{
	char folder[] = "/tmp/prong-listeners-XXXXXX", entry[64], path[64];
	const char *entries[1] = { entry };
	struct listeners now;
	struct stat st;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(entry, sizeof(entry), "unix:%s/s", folder);
	snprintf(path, sizeof(path), "%s/s", folder);
	ck_assert_int_eq(open_from(&now, &none, entries, 1), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0666);
	ck_assert_str_eq(listeners_where(&now, 0), entry);
	listeners_close(&now, NULL, &passed);
	ck_assert_int_lt(stat(path, &st), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

/* What a client has sent, and nobody reads, ends with whoever closes last. */
START_TEST(a_client_sends_no_descriptors)
{
	static const int option = 83; /* SO_PASSRIGHTS, since Linux 6.16 */
	char entry[64], folder[] = "/tmp/prong-listeners-XXXXXX";
	const char *const entries[] = { entry };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} rights = { .header = { .cmsg_level = SOL_SOCKET,
			 .cmsg_type = SCM_RIGHTS,
			 .cmsg_len = CMSG_LEN(sizeof(int)) } };
	struct iovec octets = { (char[]){ "GET" }, 3 };
	struct msghdr message = { .msg_iov = &octets,
		.msg_iovlen = 1,
		.msg_control = &rights,
		.msg_controllen = sizeof(rights) };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct listeners now;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), on = 0;
	socklen_t length = sizeof(on);

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(entry, sizeof(entry), "unix:%s/socket", folder);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket",
	    folder);
	ck_assert_int_eq(open_from(&now, &none, entries, 1), 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address,
			     sizeof(address)),
	    0);
	memcpy(CMSG_DATA(&rights.header), &fd, sizeof(fd));
	if (getsockopt(fd, SOL_SOCKET, option, &on, &length) == 0) {
		ck_assert_int_lt(sendmsg(fd, &message, MSG_NOSIGNAL), 0);
		ck_assert_int_eq(errno, EPERM);
	}
	ck_assert_int_eq(send(fd, "GET", 3, MSG_NOSIGNAL), 3);
	close(fd);
	listeners_close(&now, NULL, &passed);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(those_of_another_release_are_taken_over)
{
	static const char *const entries[] = { "127.0.0.1:0" };
	struct listeners first, now = { NULL, 0 }, next;
	int fd;

	ck_assert_int_eq(open_from(&first, &none, entries, 1), 0);
	fd = first.all[0].fd;
	ck_assert_int_eq(listeners_add(&now, entries[0],
			     &(struct listener){ .fd = fd }),
	    0);
	ck_assert_int_eq(open_from(&next, &now, entries, 1), 0);
	ck_assert_int_eq(next.all[0].fd, fd);
	listeners_close(&now, &next, &passed);
	listeners_close(&first, &next, &passed);
	listeners_close(&next, NULL, &passed);
	ck_assert(!is_open(fd));
}
END_TEST

static struct sockaddr_in
address_of(int fd)
{
	struct sockaddr_in in;
	socklen_t length = sizeof(in);

	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&in, &length), 0);
	return in;
}

/* A socket that has begun to connect to the port at 127.0.0.1. */
static int
connecting_to(struct sockaddr_in in)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert(connect(fd, (struct sockaddr *)&in, sizeof(in)) == 0 ||
	    errno == EINPROGRESS);
	return fd;
}

static bool
is_connected(int fd, int timeout_ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };

	return poll(&pfd, 1, timeout_ms) == 1;
}

static bool
has_client(int listener)
{
	struct pollfd pfd = { .fd = listener, .events = POLLIN };

	return poll(&pfd, 1, 10000) == 1;
}

/* From one address to all of the same port: the earlier listener has those who
 * came, takes no more, and the later one gets all others. */
START_TEST(clients_are_handed_on)
{
	static const char *const before[] = { "127.0.0.1:0" };
	struct listeners now, next;
	const char *after[1];
	char text[32];
	int early, late;

	ck_assert_int_eq(open_from(&now, &none, before, 1), 0);
	snprintf(text, sizeof(text), "0.0.0.0:%d",
	    ntohs(address_of(now.all[0].fd).sin_port));
	after[0] = text;
	ck_assert_int_eq(open_from(&next, &now, after, 1), 0);
	early = connecting_to(address_of(next.all[0].fd));
	ck_assert(is_connected(early, 10000));
	ck_assert(listeners_hand_on(&now, &next));
	late = connecting_to(address_of(next.all[0].fd));
	ck_assert(is_connected(late, 10000));
	ck_assert(has_client(next.all[0].fd));
	ck_assert(has_client(now.all[0].fd));
	ck_assert_int_ge(accept(now.all[0].fd, NULL, NULL), 0);
	ck_assert_int_eq(accept(now.all[0].fd, NULL, NULL), -1);
	listeners_close(&now, &next, &passed);
	close(early);
	close(late);
	listeners_close(&next, NULL, &passed);
}
END_TEST

START_TEST(what_stays_is_not_handed_on)
{
	static const char *const before[] = { "127.0.0.1:0", "127.0.0.2:0" };
	struct listeners now, next;

	ck_assert_int_eq(open_from(&now, &none, before, 2), 0);
	ck_assert_int_eq(open_from(&next, &now, before, 1), 0);
	ck_assert(!listeners_hand_on(&now, &next));
	ck_assert(!listeners_hand_on(&now, &now));
	listeners_close(&now, &next, &passed);
	listeners_close(&next, NULL, &passed);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("listeners");
	TCase *tests = tcase_create("listeners");
	SRunner *runner = srunner_create(suite);

	tcase_add_test(tests, those_that_stay_are_kept);
	tcase_add_test(tests, one_that_fails_changes_nothing);
	tcase_add_test(tests, a_path_goes_with_its_listener);
	tcase_add_test(tests, a_client_sends_no_descriptors);
	tcase_add_test(tests, those_of_another_release_are_taken_over);
	tcase_add_test(tests, clients_are_handed_on);
	tcase_add_test(tests, what_stays_is_not_handed_on);
	suite_add_tcase(suite, tests);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
