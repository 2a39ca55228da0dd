/*
 * The wait that a nudge ends, before it begins or after that; and all else, which
 * a nudge does not interrupt.
 *
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/nudge.h"
#include "base/orphan.h"

#define TEST_S	30
#define LONG_MS 60000

static void
lose_generation(int signal)
{
	(void)signal;
	orphan_note();
}

static void
setup(void)
{
	const struct sigaction action = { .sa_handler = lose_generation };

	nudge_open();
	sigaction(SIGUSR1, &action, NULL);
}

START_TEST(ends_a_wait_that_begins_later)
{
	nudge_send(getpid());
	ck_assert_int_eq(nudge_poll(NULL, 0, LONG_MS), -1);
	ck_assert_int_eq(errno, EINTR);
	ck_assert_int_eq(nudge_poll(NULL, 0, 1), 0);
}
END_TEST

/* The kernel may let it send before the wait has begun, which is no difference. */
START_TEST(ends_a_wait_that_has_begun)
{
	pid_t waiting = getpid(), pid = fork();

	if (pid == 0) {
		poll(NULL, 0, 20);
		nudge_send(waiting);
		_exit(0);
	}
	ck_assert_int_eq(nudge_poll(NULL, 0, LONG_MS), -1);
	ck_assert_int_eq(errno, EINTR);
	waitpid(pid, NULL, 0);
}
END_TEST

START_TEST(ends_a_wait_without_a_limit)
{
	nudge_send(getpid());
	ck_assert_int_eq(nudge_poll(NULL, 0, -1), -1);
	ck_assert_int_eq(errno, EINTR);
}
END_TEST

START_TEST(is_kept_when_a_descriptor_is_ready)
{
	struct pollfd pfd = { .events = POLLOUT };
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	pfd.fd = ends[1];
	nudge_send(getpid());
	nudge_poll(&pfd, 1, LONG_MS);
	while (nudge_poll(&pfd, 1, LONG_MS) < 0)
		ck_assert_int_eq(errno, EINTR);
	ck_assert_int_eq(pfd.revents, POLLOUT);
}
END_TEST

START_TEST(interrupts_nothing_else)
{
	const struct timespec wait = { 0, 20000000 };

	nudge_send(getpid());
	ck_assert_int_eq(nanosleep(&wait, NULL), 0);
	ck_assert_int_eq(poll(NULL, 0, 20), 0);
}
END_TEST

/* The signal of that end interrupts whatever runs, and may come between the last
 * look and the wait. */
START_TEST(the_end_of_the_generation_ends_a_wait_that_begins_later)
{
	ck_assert(!orphan_is_noted());
	raise(SIGUSR1);
	ck_assert(orphan_is_noted());
	ck_assert_int_eq(nudge_poll(NULL, 0, LONG_MS), -1);
	ck_assert_int_eq(errno, EINTR);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("nudge");
	Suite *s = suite_create("nudge");
	SRunner *r;

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_set_timeout(t, TEST_S);
	tcase_add_test(t, ends_a_wait_that_begins_later);
	tcase_add_test(t, ends_a_wait_that_has_begun);
	tcase_add_test(t, ends_a_wait_without_a_limit);
	tcase_add_test(t, is_kept_when_a_descriptor_is_ready);
	tcase_add_test(t, interrupts_nothing_else);
	tcase_add_test(t,
	    the_end_of_the_generation_ends_a_wait_that_begins_later);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
