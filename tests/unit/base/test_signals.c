/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
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
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return EXIT_SUCCESS;
}
