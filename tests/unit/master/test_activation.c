/* SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "master/activation.h"

/*
 * Descriptors from 3 on are check's own here, so sockets under other numbers
 * come in as one image of the program leaves them to the next.
 * tests/server/activation.t has those that begin at 3.
 */
static void pass(const char *format, ...)
    __attribute__((__format__(__printf__, 1, 2)));

static void
pass(const char *format, ...)
{
	char text[512];
	size_t length = (size_t)sprintf(text, "%ld", (long)getpid());
	va_list ap;

	va_start(ap, format);
	vsnprintf(text + length, sizeof(text) - length, format, ap);
	va_end(ap);
	setenv("PRONG_LISTEN", text, 1);
}

static int
listening_in(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	return fd;
}

static int
listening_unix(const char *path)
{
	struct address address;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	address_set_unix(&address, path, strlen(path));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address.storage,
			     address.length),
	    0);
	ck_assert_int_eq(listen(fd, 1), 0);
	return fd;
}

/* -1 where there is no IPv6. */
static int
listening_in6(int only)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
	if (bind(fd, (struct sockaddr *)&in6, sizeof(in6)) < 0 ||
	    listen(fd, 1) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static struct address
bound(int fd)
{
	struct address address = { .length = sizeof(address.storage) };

	getsockname(fd, (struct sockaddr *)&address.storage, &address.length);
	return address;
}

static struct address
any(int family, const struct address *port_of)
{
	const unsigned char zero[16] = { 0 };
	struct address address;

	address_set_ip(&address, family, zero, (uint16_t)address_port(port_of));
	return address;
}

START_TEST(nothing_passed_is_nothing)
{
	struct activation a = { 0 };
	struct address address = { .length = 0 };
	char names[16] = "x";

	ck_assert_int_eq(activation_take(&a), 0);
	ck_assert_uint_eq(a.count, 0);
	ck_assert_int_eq(activation_find_named(&a, "http"), -1);
	ck_assert_int_eq(activation_find(&a, &address), -1);
	ck_assert(!activation_owns(&a, 3));
	activation_join_names(&a, names, sizeof(names));
	ck_assert_str_eq(names, "");
	activation_warn_unused(&a);
	activation_free(&a);
}
END_TEST

START_TEST(sockets_are_found_by_address_and_name_once)
{
	int one = listening_in(), two = listening_in(), three = listening_in();
	struct address first = bound(one), second = bound(two), third;
	struct activation a = { 0 };
	char names[64];

	third = bound(three);
	pass(":%d:http:%d:https:%d:http", one, two, three);
	ck_assert_int_eq(activation_take(&a), 0);
	ck_assert_uint_eq(a.count, 3);
	ck_assert_ptr_null(getenv("PRONG_LISTEN"));
	ck_assert_int_eq(fcntl(two, F_GETFD), FD_CLOEXEC);
	ck_assert_int_ne(fcntl(two, F_GETFL) & O_NONBLOCK, 0);
	activation_join_names(&a, names, sizeof(names));
	ck_assert_str_eq(names, "\"http\", \"https\"");

	ck_assert_int_eq(activation_find(&a, &second), two);
	ck_assert_int_eq(activation_find(&a, &second), -1);
	ck_assert_int_eq(activation_find_named(&a, "https"), -1);
	ck_assert(activation_covers(&a, &second));
	ck_assert(!activation_covers(&a, &first));
	ck_assert_int_eq(activation_find_named(&a, "http"), one);
	ck_assert_int_eq(activation_find_named(&a, "http"), three);
	ck_assert_int_eq(activation_find_named(&a, "http"), -1);
	ck_assert_int_eq(activation_find(&a, &third), -1);
	ck_assert(activation_owns(&a, one));
	ck_assert(!activation_owns(&a, 0));

	activation_begin(&a);
	ck_assert_int_eq(activation_find(&a, &second), two);
	activation_free(&a);
	ck_assert_int_eq(fcntl(one, F_GETFD), -1);
}
END_TEST

START_TEST(a_path_finds_its_unix_socket)
{
	char folder[] = "/tmp/prong-XXXXXX", path[64], other[64];
	struct address address;
	struct activation a = { 0 };
	int fd;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	snprintf(other, sizeof(other), "%s/socke", folder);
	fd = listening_unix(path);
	pass(":%d:a b", fd);
	ck_assert_int_eq(activation_take(&a), 0);
	address_set_unix(&address, other, strlen(other));
	ck_assert_int_eq(activation_find(&a, &address), -1);
	address_set_unix(&address, path, strlen(path));
	ck_assert_int_eq(activation_find(&a, &address), fd);
	ck_assert_str_eq(a.sockets[0].name, "a b");
	activation_free(&a);
	unlink(path);
	rmdir(folder);
}
END_TEST

/* ListenStream=80 of systemd.socket(5) is one socket for both families. */
START_TEST(a_dual_socket_gets_both_families)
{
	struct address all6, all4, other;
	struct activation a = { 0 };
	int fd = listening_in6(0);

	if (fd < 0)
		return;
	all6 = bound(fd);
	all4 = any(AF_INET, &all6);
	other = any(AF_INET, &(struct address){ .length = 0 });
	pass(":%d:http", fd);
	ck_assert_int_eq(activation_take(&a), 0);
	ck_assert_int_eq(activation_find(&a, &other), -1);
	ck_assert_int_eq(activation_find(&a, &all4), fd);
	ck_assert_int_eq(activation_find(&a, &all6), -1);
	ck_assert(activation_covers(&a, &all6));
	activation_begin(&a);
	ck_assert(!activation_covers(&a, &all4));
	ck_assert_int_eq(activation_find(&a, &all6), fd);
	ck_assert(activation_covers(&a, &all4));
	activation_free(&a);
}
END_TEST

START_TEST(an_ipv6_socket_gets_its_own_family)
{
	struct address all6, all4;
	struct activation a = { 0 };
	int fd = listening_in6(1);

	if (fd < 0)
		return;
	all6 = bound(fd);
	all4 = any(AF_INET, &all6);
	pass(":%d:http", fd);
	ck_assert_int_eq(activation_take(&a), 0);
	ck_assert_int_eq(activation_find(&a, &all4), -1);
	ck_assert_int_eq(activation_find(&a, &all6), fd);
	ck_assert(!activation_covers(&a, &all4));
	activation_free(&a);
}
END_TEST

START_TEST(they_survive_an_exec)
{
	int fd = listening_in(), other = listening_in();
	struct activation a = { 0 }, again = { 0 };

	pass(":%d:http:%d:x y", fd, other);
	ck_assert_int_eq(activation_take(&a), 0);
	ck_assert_int_eq(activation_export(&a), 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD), 0);
	activation_withdraw(&a);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert_ptr_null(getenv("PRONG_LISTEN"));

	ck_assert_int_eq(activation_export(&a), 0);
	ck_assert_int_eq(activation_take(&again), 0);
	ck_assert_uint_eq(again.count, 2);
	ck_assert_int_eq(again.sockets[1].fd, other);
	ck_assert_str_eq(again.sockets[1].name, "x y");
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	activation_free(&again);
	free(a.sockets);
}
END_TEST

START_TEST(what_is_no_listening_stream_is_refused)
{
	const int fds[] = {
		socket(AF_INET, SOCK_STREAM, 0),
		socket(AF_INET, SOCK_DGRAM, 0),
		open("/dev/null", O_RDWR),
		1000,
	};
	struct activation a = { 0 };
	size_t i;

	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		pass(":%d:http", fds[i]);
		ck_assert_int_eq(activation_take(&a), -1);
		ck_assert_uint_eq(a.count, 0);
		ck_assert_ptr_null(getenv("PRONG_LISTEN"));
	}
}
END_TEST

static const struct {
	const char *pid, *fds, *names; /* pid "": this process */
	int result;
} variables[] = {
	{ NULL, "1", NULL, 0 },
	{ "", NULL, NULL, 0 },
	{ "1", "1", NULL, 0 },
	{ "1", "nonsense", NULL, 0 },
	{ "-1", "1", NULL, -1 },
	{ "1x", "1", NULL, -1 },
	{ "99999999999", "1", NULL, -1 },
	{ "", "0", NULL, -1 },
	{ "", "-1", NULL, -1 },
	{ "", "1 ", NULL, -1 },
	{ "", "", NULL, -1 },
	{ "", "257", NULL, -1 },
	{ "", "99999999999999999999", NULL, -1 },
	{ "", "2", "one", -1 },
	{ "", "2", "one:two:three", -1 },
};

START_TEST(variables_are_checked)
{
	struct activation a = { 0 };
	char own[24];

	snprintf(own, sizeof(own), "%ld", (long)getpid());
	if (variables[_i].pid)
		setenv("LISTEN_PID",
		    *variables[_i].pid ? variables[_i].pid : own, 1);
	if (variables[_i].fds)
		setenv("LISTEN_FDS", variables[_i].fds, 1);
	if (variables[_i].names)
		setenv("LISTEN_FDNAMES", variables[_i].names, 1);
	ck_assert_int_eq(activation_take(&a), variables[_i].result);
	ck_assert_uint_eq(a.count, 0);
	ck_assert_ptr_null(getenv("LISTEN_PID"));
	ck_assert_ptr_null(getenv("LISTEN_FDS"));
	ck_assert_ptr_null(getenv("LISTEN_FDNAMES"));
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("activation");
	Suite *s = suite_create("activation");
	SRunner *r;

	tcase_add_test(t, nothing_passed_is_nothing);
	tcase_add_test(t, sockets_are_found_by_address_and_name_once);
	tcase_add_test(t, a_path_finds_its_unix_socket);
	tcase_add_test(t, a_dual_socket_gets_both_families);
	tcase_add_test(t, an_ipv6_socket_gets_its_own_family);
	tcase_add_test(t, they_survive_an_exec);
	tcase_add_test(t, what_is_no_listening_stream_is_refused);
	tcase_add_loop_test(t, variables_are_checked, 0,
	    sizeof(variables) / sizeof(variables[0]));
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
