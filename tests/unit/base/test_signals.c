/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/signals.h"

START_TEST(takes_a_signal_once)
{
	signals_open();
	ck_assert(!signals_take(SIGCHLD));
	raise(SIGCHLD);
	ck_assert_int_eq(signals_poll(NULL, 0, INT64_MAX), 0);
	ck_assert(signals_take(SIGCHLD));
	ck_assert(!signals_take(SIGCHLD));
}
END_TEST

START_TEST(takes_a_signal_although_a_descriptor_is_ready)
{
	struct pollfd pfd = { .events = POLLOUT };
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	pfd.fd = ends[1];
	signals_open();
	raise(SIGCHLD);
	raise(SIGTERM);
	ck_assert_int_eq(signals_poll(&pfd, 1, INT64_MAX), 1);
	ck_assert_int_eq(pfd.revents, POLLOUT);
	ck_assert(signals_take(SIGCHLD));
	ck_assert(signals_take(SIGTERM));
	ck_assert(!signals_take(SIGINT));
}
END_TEST

START_TEST(notes_signals_only_while_it_waits)
{
	signals_open();
	raise(SIGHUP);
	ck_assert(!signals_take(SIGHUP));
	ck_assert_int_eq(signals_poll(NULL, 0, clock_ms()), 0);
	ck_assert(signals_take(SIGHUP));
}
END_TEST

START_TEST(waits_until_the_time_is_over)
{
	int64_t until_ms = clock_ms() + 20;

	signals_open();
	ck_assert_int_eq(signals_poll(NULL, 0, until_ms), 0);
	ck_assert_int_ge(clock_ms(), until_ms);
}
END_TEST

START_TEST(names_children_that_have_ended)
{
	pid_t pids[SIGNALS_ENDED_MAX], pid;

	signals_open();
	ck_assert_int_eq(signals_ended(pids), 0);
	pid = fork();
	if (pid == 0)
		_exit(0);
	ck_assert_int_eq(signals_poll(NULL, 0, INT64_MAX), 0);
	ck_assert(signals_take(SIGCHLD));
	ck_assert_int_eq(signals_ended(pids), 1);
	ck_assert_int_eq(pids[0], pid);
	ck_assert_int_eq(signals_ended(pids), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}
END_TEST

START_TEST(names_children_although_a_descriptor_is_ready)
{
	struct pollfd pfd = { .events = POLLOUT };
	pid_t pids[SIGNALS_ENDED_MAX], pid;
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	pfd.fd = ends[1];
	signals_open();
	pid = fork();
	if (pid == 0)
		_exit(0);
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, NULL, WEXITED | WNOWAIT), 0);
	ck_assert_int_eq(signals_poll(&pfd, 1, INT64_MAX), 1);
	ck_assert_int_eq(signals_ended(pids), 1);
	ck_assert_int_eq(pids[0], pid);
}
END_TEST

START_TEST(names_no_more_children_than_there_is_room_for)
{
	pid_t pids[SIGNALS_ENDED_MAX];
	size_t i;

	signals_open();
	for (i = 0; i < 2 * SIGNALS_ENDED_MAX; i++) {
		raise(SIGCHLD);
		ck_assert_int_eq(signals_poll(NULL, 0, INT64_MAX), 0);
	}
	ck_assert_uint_eq(signals_ended(pids), SIGNALS_ENDED_MAX);
	ck_assert_int_eq(pids[SIGNALS_ENDED_MAX - 1], getpid());
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("signals");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, all);
	tcase_add_test(all, takes_a_signal_once);
	tcase_add_test(all, takes_a_signal_although_a_descriptor_is_ready);
	tcase_add_test(all, notes_signals_only_while_it_waits);
	tcase_add_test(all, waits_until_the_time_is_over);
	tcase_add_test(all, names_children_that_have_ended);
	tcase_add_test(all, names_children_although_a_descriptor_is_ready);
	tcase_add_test(all, names_no_more_children_than_there_is_room_for);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return EXIT_SUCCESS;
}
