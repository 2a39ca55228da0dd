/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "master/notify.h"

/* The manager's end, in the abstract name space. */
static int
manage(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	char name[64];
	int length = snprintf(name, sizeof(name), "@prong-test-notify-%ld",
	    (long)getpid());

	memcpy(un.sun_path, name, (size_t)length);
	un.sun_path[0] = '\0';
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&un,
			     (socklen_t)(offsetof(struct sockaddr_un,
					     sun_path) +
				 (size_t)length)),
	    0);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

/* What the manager was told; "" when nothing. */
static const char *
told(int fd)
{
	static char message[1024];
	ssize_t n = recv(fd, message, sizeof(message) - 1, 0);

	message[n > 0 ? n : 0] = '\0';
	return message;
}

static void
ask_watchdog(const char *us, long pid)
{
	char text[24];

	snprintf(text, sizeof(text), "%ld", pid);
	setenv("WATCHDOG_USEC", us, 1);
	setenv("WATCHDOG_PID", text, 1);
}

START_TEST(states_are_told)
{
	int fd = manage();
	char want[64];
	int64_t us;

	notify_init();
	ck_assert_ptr_null(getenv("NOTIFY_SOCKET"));
	notify_ready("generation %d\nSTOPPING=1", 1);
	snprintf(want, sizeof(want),
	    "READY=1\nMAINPID=%ld\nSTATUS=generation 1", (long)getpid());
	ck_assert_str_eq(told(fd), want);
	notify_status("half\nREADY=1");
	ck_assert_str_eq(told(fd), "STATUS=half");
	notify_stopping(1500);
	ck_assert_str_eq(told(fd), "STOPPING=1\nEXTEND_TIMEOUT_USEC=1500000");
	notify_extend(86400000);
	ck_assert_str_eq(told(fd), "EXTEND_TIMEOUT_USEC=86400000000");
	us = clock_us();
	notify_reloading();
	ck_assert_int_eq(sscanf(told(fd),
			     "RELOADING=1\nMONOTONIC_USEC=%" SCNd64, &us),
	    1);
	ck_assert_int_le(us, clock_us());
}
END_TEST

/* Who has stopped reading holds nobody up. */
START_TEST(a_manager_that_does_not_read)
{
	int fd = manage(),
	    sender = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	struct sockaddr_un un;
	socklen_t length = sizeof(un);
	int64_t before = clock_ms();

	notify_init();
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&un, &length), 0);
	while (sendto(sender, "x", 1, 0, (struct sockaddr *)&un, length) == 1)
		continue;
	notify_status("hello");
	ck_assert_int_lt(clock_ms() - before, 30000);
	while (strcmp(told(fd), "x") == 0)
		continue;
	notify_status("hello");
	ck_assert_str_eq(told(fd), "STATUS=hello");
	close(sender);
}
END_TEST

START_TEST(nobody_asked_is_silence)
{
	notify_init();
	notify_ready("x");
	ck_assert_int_eq(notify_watchdog_ms(), 0);
	ck_assert_int_eq(notify_alive(clock_ms()), INT64_MAX);
	ck_assert_int_eq(notify_export(), 0);
	ck_assert_ptr_null(getenv("NOTIFY_SOCKET"));
	ck_assert_ptr_null(getenv("WATCHDOG_USEC"));
}
END_TEST

START_TEST(the_watchdog_hears_twice_in_its_time)
{
	int fd = manage();

	ask_watchdog("2000000", getpid());
	notify_init();
	ck_assert_ptr_null(getenv("WATCHDOG_USEC"));
	ck_assert_ptr_null(getenv("WATCHDOG_PID"));
	ck_assert_int_eq(notify_watchdog_ms(), 2000);
	ck_assert_int_eq(notify_alive(5000), 6000);
	ck_assert_str_eq(told(fd), "WATCHDOG=1");
	ck_assert_int_eq(notify_alive(5999), 6000);
	ck_assert_str_eq(told(fd), "");
	ck_assert_int_eq(notify_alive(6001), 7001);
	ck_assert_str_eq(told(fd), "WATCHDOG=1");
}
END_TEST

START_TEST(another_watchdog_is_not_ours)
{
	int fd = manage();
	static const char *const wrong[] = { "", "x", "9999", "-1" };
	size_t i;

	ask_watchdog("2000000", 1);
	notify_init();
	ck_assert_int_eq(notify_watchdog_ms(), 0);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		setenv("WATCHDOG_USEC", wrong[i], 1);
		notify_init();
		ck_assert_int_eq(notify_watchdog_ms(), 0);
	}
	close(fd);
}
END_TEST

START_TEST(all_is_known_after_an_exec)
{
	int fd = manage();
	char *name = strdup(getenv("NOTIFY_SOCKET"));

	ask_watchdog("2000000", getpid());
	notify_init();
	ck_assert_int_eq(notify_export(), 0);
	ck_assert_str_eq(getenv("NOTIFY_SOCKET"), name);
	ck_assert_str_eq(getenv("WATCHDOG_USEC"), "2000000");
	notify_init();
	ck_assert_ptr_null(getenv("NOTIFY_SOCKET"));
	ck_assert_int_eq(notify_watchdog_ms(), 2000);
	notify_status("x");
	ck_assert_str_eq(told(fd), "STATUS=x");
	free(name);
}
END_TEST

START_TEST(a_path_that_is_none_is_left_alone)
{
	char longest[200];

	memset(longest, 'a', sizeof(longest) - 1);
	longest[0] = '/';
	longest[sizeof(longest) - 1] = '\0';
	setenv("NOTIFY_SOCKET", longest, 1);
	notify_init();
	ck_assert_int_eq(notify_export(), 0);
	ck_assert_ptr_null(getenv("NOTIFY_SOCKET"));
	setenv("NOTIFY_SOCKET", "vsock:2:1", 1);
	notify_init();
	ck_assert_int_eq(notify_export(), 0);
	ck_assert_ptr_null(getenv("NOTIFY_SOCKET"));
	/* The longest that there can be fills the address. */
	longest[sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1] = '\0';
	setenv("NOTIFY_SOCKET", longest, 1);
	notify_init();
	ck_assert_int_eq(notify_export(), 0);
	ck_assert_str_eq(getenv("NOTIFY_SOCKET"), longest);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("notify");
	Suite *s = suite_create("notify");
	SRunner *r;

	tcase_add_test(t, states_are_told);
	tcase_add_test(t, a_manager_that_does_not_read);
	tcase_add_test(t, nobody_asked_is_silence);
	tcase_add_test(t, the_watchdog_hears_twice_in_its_time);
	tcase_add_test(t, another_watchdog_is_not_ours);
	tcase_add_test(t, all_is_known_after_an_exec);
	tcase_add_test(t, a_path_that_is_none_is_left_alone);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
