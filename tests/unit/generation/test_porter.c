/*
 * A porter keeps sockets for others, whatever is done with them, and whatever it
 * is too busy to hear at once.
 *
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "fixture.h"

#define CONNECTIONS 2000

static void
setup(void)
{
	fixture_setup(CONNECTIONS, &(struct porter_workers){ 0 });
	ck_assert_int_ge(porter_socket(porter), FIXTURE_PRIVATE);
}

/* Its other end is with the porter alone. */
static int
keep_pair(uint64_t *number)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	*number = porter_keep(porter, ends[1]);
	close(ends[1]);
	return ends[0];
}

static bool
has_ended(int fd, int patience_ms)
{
	struct pollfd p = { .fd = fd };

	return poll(&p, 1, patience_ms) == 1 && (p.revents & POLLHUP);
}

START_TEST(a_socket_is_claimed_as_often_as_wanted)
{
	uint64_t number;
	int own = keep_pair(&number), i, claimed;
	char octet;

	ck_assert_uint_ne(number, 0);
	for (i = 0; i < 3; i++) {
		claimed = porter_claim(porter_socket(porter), number);
		ck_assert_int_ge(claimed, 0);
		ck_assert_int_eq(write(claimed, "x", 1), 1);
		ck_assert_int_eq(read(own, &octet, 1), 1);
		close(claimed);
	}
	ck_assert(!has_ended(own, 0));
	porter_drop(porter, number);
	ck_assert(has_ended(own, CLIENT_PATIENCE_MS));
	ck_assert_int_eq(porter_claim(porter_socket(porter), number), -1);
	close(own);
}
END_TEST

START_TEST(each_number_is_one_socket)
{
	uint64_t first, second;
	int own[2] = { keep_pair(&first), keep_pair(&second) };

	ck_assert_uint_ne(first, second);
	ck_assert_int_eq(porter_claim(porter_socket(porter), second + 1), -1);
	porter_drop(porter, first);
	ck_assert(has_ended(own[0], CLIENT_PATIENCE_MS));
	ck_assert(!has_ended(own[1], 0));
	close(own[0]);
	close(own[1]);
}
END_TEST

/* The queue becomes full while the porter stands still. */
START_TEST(what_a_busy_porter_has_not_heard_is_said_again)
{
	static int own[CONNECTIONS];
	static uint64_t numbers[CONNECTIONS];
	int i, count, ended = 0;
	uint64_t none;

	for (count = 0; count < 200; count++)
		own[count] = keep_pair(&numbers[count]);
	/* It has them all. */
	close(porter_claim(porter_socket(porter), numbers[count - 1]));
	kill(porter_pid(porter), SIGSTOP);
	for (; count < CONNECTIONS; count++) {
		own[count] = keep_pair(&numbers[count]);
		if (numbers[count] == 0)
			break;
	}
	ck_assert_int_lt(count, CONNECTIONS);
	close(own[count]);
	for (i = 0; i < count; i++)
		porter_drop(porter, numbers[i]);
	ck_assert_int_lt(porter_catch_up(porter), INT64_MAX);
	close(keep_pair(&none));
	ck_assert_uint_eq(none, 0);
	kill(porter_pid(porter), SIGCONT);
	while (porter_catch_up(porter) != INT64_MAX)
		poll(NULL, 0, 1);
	for (i = 0; i < count; i++) {
		ended += has_ended(own[i], CLIENT_PATIENCE_MS);
		close(own[i]);
	}
	ck_assert_int_eq(ended, count);
}
END_TEST

/* A client that does not read, of a connection that the last close waits for. */
static int
linger(uint64_t *number)
{
	int accepted, client = client_connect_lingering(&accepted);

	*number = porter_keep(porter, accepted);
	close(accepted);
	return client;
}

START_TEST(nobody_waits_for_who_lingers)
{
	uint64_t numbers[5], number;
	int clients[5], own, i;

	for (i = 0; i < 5; i++)
		clients[i] = linger(&numbers[i]);
	own = keep_pair(&number);
	for (i = 0; i < 5; i++)
		porter_drop(porter, numbers[i]);
	porter_drop(porter, number);
	ck_assert(has_ended(own, CLIENT_PATIENCE_MS));
	for (i = 0; i < 5; i++)
		close(clients[i]);
	close(own);
}
END_TEST

START_TEST(its_end_closes_what_it_keeps)
{
	uint64_t number;
	int own = keep_pair(&number), status;

	kill(porter_pid(porter), SIGKILL);
	waitpid(porter_pid(porter), &status, 0);
	ck_assert(has_ended(own, CLIENT_PATIENCE_MS));
	porter_drop(porter, number);
	ck_assert_int_eq(porter_catch_up(porter), INT64_MAX);
	ck_assert_int_eq(porter_claim(porter_socket(porter), number), -1);
	close(own);
	close(keep_pair(&number));
	ck_assert_uint_eq(number, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("porter");
	TCase *t = tcase_create("porter"), *killed = tcase_create("killed");
	SRunner *r;

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, setup, fixture_teardown);
	tcase_add_test(t, a_socket_is_claimed_as_often_as_wanted);
	tcase_add_test(t, each_number_is_one_socket);
	tcase_add_test(t, what_a_busy_porter_has_not_heard_is_said_again);
	tcase_add_test(t, nobody_waits_for_who_lingers);
	tcase_add_checked_fixture(killed, setup, NULL);
	tcase_add_test(killed, its_end_closes_what_it_keeps);
	suite_add_tcase(s, t);
	suite_add_tcase(s, killed);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
