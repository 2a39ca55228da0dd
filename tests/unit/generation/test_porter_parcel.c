/*
 * A parcel of a worker comes whole to the process that claims it, and ends with its
 * worker if nobody has adopted it.
 *
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "fixture.h"
#include "generation/porter_messages.h"
#include "generation/porter_parcel.h"

#define CONNECTIONS 64
#define WORKERS	    4
#define BELIEVED    3 /* what the others say of clients is not */

static int claims; /* porter_socket; processes do not inherit the structure */
static char taken[FIXTURE_BYTES];
static struct connection_facts facts;

static void
setup(void)
{
	facts = fixture_facts();
	fixture_setup(CONNECTIONS,
	    &(struct porter_workers){ WORKERS, BELIEVED, 0 });
	claims = porter_socket(porter);
}

static int
try_to_send(size_t place, uint64_t sequence, int accepted, size_t length)
{
	const struct iovec pieces[2] = { { sent, length / 3 },
		{ sent + length / 3, length - length / 3 } };

	return porter_send_parcel(porter_worker_socket(porter, place),
	    &(struct worker_label){ sequence, 0 }, accepted, &facts, pieces, 2);
}

/* Waits while the porter does not keep up. */
static void
send_parcel(size_t place, uint64_t sequence, int accepted, size_t length)
{
	while (try_to_send(place, sequence, accepted, length) < 0) {
		ck_assert_int_eq(errno, EAGAIN);
		poll(NULL, 0, 1);
	}
}

/* The client of a parcel of its own. */
static int
give(size_t place, uint64_t sequence, size_t length)
{
	int accepted, client = client_connect(&accepted);

	send_parcel(place, sequence, accepted, length);
	close(accepted);
	return client;
}

static int
claim(size_t place, uint64_t sequence, size_t size, size_t *length)
{
	return porter_claim_parcel(claims,
	    porter_parcel_number(place, sequence), &facts, taken, size, length);
}

/* That it is claimed, and whose it is. */
static void
check_claim(size_t place, uint64_t sequence, int client)
{
	size_t length;
	int accepted = claim(place, sequence, sizeof(taken), &length);

	ck_assert_int_ge(accepted, 0);
	ck_assert(client_hears(client, accepted));
	close(accepted);
}

/* So that the porter has read all before. */
static void
settle(size_t place)
{
	static uint64_t sequence = PORTER_SEQUENCE_MAX;
	int client = give(place, sequence, 1);

	check_claim(place, sequence, client);
	porter_drop(porter, porter_parcel_number(place, sequence));
	sequence--;
	ck_assert(client_has_ended(client, CLIENT_PATIENCE_MS));
	close(client);
}

START_TEST(a_parcel_comes_whole)
{
	const struct connection_facts before = facts;
	const uint64_t number = porter_parcel_number(1, 5);
	int client = give(1, 5, 100), accepted;
	size_t length;

	porter_adopt(porter, number);
	facts = (struct connection_facts){ 0 };
	accepted = claim(1, 5, sizeof(taken), &length);
	ck_assert_int_ge(accepted, 0);
	ck_assert_int_eq(fcntl(accepted, F_GETFD), FD_CLOEXEC);
	ck_assert(client_hears(client, accepted));
	ck_assert_uint_eq(length, 100);
	ck_assert_mem_eq(taken, sent, 100);
	ck_assert_uint_eq(facts.requests, 7);
	ck_assert(facts.secure);
	ck_assert(address_equal(&facts.client, &before.client));
	ck_assert(address_equal(&facts.server, &before.server));
	close(accepted);

	/* The next process of the connection gets the socket alone. */
	ck_assert_int_eq(claim(1, 5, sizeof(taken), &length), -1);
	ck_assert_int_eq(errno, ENOENT);
	accepted = porter_claim(porter_socket(porter), number);
	ck_assert_int_ge(accepted, 0);
	ck_assert(client_hears(client, accepted));
	close(accepted);
	ck_assert(!client_has_ended(client, 0));
	porter_drop(porter, number);
	ck_assert(client_has_ended(client, CLIENT_PATIENCE_MS));
	ck_assert_int_eq(porter_claim(porter_socket(porter), number), -1);
	close(client);
}
END_TEST

START_TEST(octets_of_any_length_come)
{
	static const size_t lengths[] = { 0, 1, 1000, PORTER_OCTETS,
		PORTER_OCTETS + 1, 2 * 32768 + 8192, sizeof(sent) };
	uint64_t sequence = 0;
	size_t i, length;
	int client, accepted;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		client = give(0, ++sequence, lengths[i]);
		memset(taken, 0, sizeof(taken));
		accepted = claim(0, sequence, lengths[i], &length);
		ck_assert_int_ge(accepted, 0);
		ck_assert_uint_eq(length, lengths[i]);
		ck_assert_mem_eq(taken, sent, length);
		close(accepted);
		close(client);
		if (length == 0)
			continue;
		client = give(0, ++sequence, lengths[i]);
		ck_assert_int_eq(claim(0, sequence, lengths[i] - 1, &length),
		    -1);
		ck_assert_int_eq(errno, EMSGSIZE);
		close(client);
	}
}
END_TEST

START_TEST(a_small_send_buffer_is_enough)
{
	const int octets = 0; /* the kernel's minimum */
	size_t length;
	int client, accepted;

	setsockopt(porter_worker_socket(porter, 0), SOL_SOCKET, SO_SNDBUF,
	    &octets, sizeof(octets));
	client = give(0, 1, PORTER_OCTETS);
	accepted = claim(0, 1, sizeof(taken), &length);
	ck_assert_int_ge(accepted, 0);
	ck_assert_uint_eq(length, PORTER_OCTETS);
	ck_assert_mem_eq(taken, sent, length);
	close(accepted);
	close(client);
}
END_TEST

START_TEST(each_place_has_numbers_of_its_own)
{
	int clients[WORKERS], i;

	for (i = 0; i < BELIEVED; i++) {
		ck_assert_int_ge(porter_worker_socket(porter, (size_t)i),
		    FIXTURE_PRIVATE);
		clients[i] = give((size_t)i, 1, 10);
	}
	for (i = 0; i < BELIEVED; i++) {
		check_claim((size_t)i, 1, clients[i]);
		close(clients[i]);
	}
}
END_TEST

START_TEST(a_sequence_is_used_once)
{
	int first = give(0, 9, 10), second = give(0, 9, 10);

	ck_assert(client_has_ended(second, CLIENT_PATIENCE_MS));
	check_claim(0, 9, first);
	close(first);
	close(second);
}
END_TEST

static int
octets_queued(void)
{
	int octets = 0;

	ioctl(claims, TIOCOUTQ, &octets);
	return octets;
}

/* The porter finds orders and parcels at the same time. */
START_TEST(a_parcel_is_found_wherever_it_lies)
{
	int clients[60], i, status, before;
	pid_t pid;

	kill(porter_pid(porter), SIGSTOP);
	for (i = 0; i < 60; i++)
		clients[i] = give(2, (uint64_t)i + 1, 10);
	before = octets_queued();
	pid = fork();
	if (pid == 0) {
		check_claim(2, 60, clients[59]);
		_exit(0);
	}
	while (octets_queued() == before)
		poll(NULL, 0, 1);
	kill(porter_pid(porter), SIGCONT);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	for (i = 0; i < 60; i++)
		close(clients[i]);
}
END_TEST

START_TEST(what_nobody_adopts_ends_with_its_worker)
{
	int adopted = give(0, 1, 10), others = give(1, 1, 10),
	    left = give(0, 2, 10), refused = give(0, 3, 10), next,
	    old = dup(porter_worker_socket(porter, 0));

	porter_adopt(porter, porter_parcel_number(0, 1));
	porter_refuse(porter, porter_parcel_number(0, 3));
	ck_assert(client_has_ended(refused, CLIENT_PATIENCE_MS));
	settle(1);
	ck_assert(!client_has_ended(left, 0));
	ck_assert_int_eq(porter_forget(porter, 0), 0);
	ck_assert(client_has_ended(left, CLIENT_PATIENCE_MS));
	poll(&(struct pollfd){ .fd = old }, 1, CLIENT_PATIENCE_MS);
	ck_assert_int_eq(send(old, "", 1, MSG_NOSIGNAL), -1);
	ck_assert_int_eq(errno, EPIPE);
	next = give(0, 4, 10);
	check_claim(0, 4, next);
	check_claim(0, 1, adopted);
	check_claim(1, 1, others);
	ck_assert_int_eq(claim(0, 2, sizeof(taken), &(size_t){ 0 }), -1);
	close(adopted);
	close(others);
	close(left);
	close(refused);
	close(next);
	close(old);
}
END_TEST

START_TEST(and_what_the_porter_has_not_read)
{
	int clients[20], next, i;

	kill(porter_pid(porter), SIGSTOP);
	for (i = 0; i < 20; i++)
		clients[i] = give(0, (uint64_t)i + 1, 10);
	porter_adopt(porter, porter_parcel_number(0, 10));
	ck_assert_int_eq(porter_forget(porter, 0), 0);
	next = give(0, 100, 10);
	kill(porter_pid(porter), SIGCONT);
	for (i = 0; i < 20; i++)
		if (i != 9)
			ck_assert(client_has_ended(clients[i],
			    CLIENT_PATIENCE_MS));
	check_claim(0, 10, clients[9]);
	check_claim(0, 100, next);
	for (i = 0; i < 20; i++)
		close(clients[i]);
	close(next);
}
END_TEST

/* Sends the same socket so often; the client of one parcel more is closed. */
static void
check_bound(size_t bound, size_t length)
{
	int accepted, client = client_connect(&accepted), more;
	size_t i;

	for (i = 1; i <= bound; i++)
		send_parcel(0, i, accepted, length);
	close(accepted);
	more = give(0, bound + 1, length);
	ck_assert(client_has_ended(more, CLIENT_PATIENCE_MS));
	close(more);
	porter_adopt(porter, porter_parcel_number(0, 1));
	more = give(0, bound + 2, length);
	check_claim(0, bound + 2, more);
	close(more);
	check_claim(0, bound, client);
	close(client);
}

static rlim_t
limit_descriptors(rlim_t count)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max < count ? limit.rlim_max : count;
	setrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur;
}

/* The porter's descriptors are for connections, then for messages of workers. */
static size_t
parcels_of(rlim_t limit)
{
	size_t parcels = ((limit - CONNECTIONS) / WORKERS - 253 - 32) / 2;

	return parcels < 1024 ? parcels : 1024;
}

START_TEST(so_many_wait_for_adoption)
{
	rlim_t limit = limit_descriptors(20000);

	setup();
	check_bound(parcels_of(limit), 10);
	fixture_teardown();
}
END_TEST

START_TEST(and_fewer_where_descriptors_are_few)
{
	rlim_t limit = limit_descriptors(1500);

	setup();
	check_bound(parcels_of(limit), 10);
	fixture_teardown();
}
END_TEST

START_TEST(with_so_many_octets)
{
	limit_descriptors(20000);
	setup();
	check_bound(((size_t)16 << 20) / PORTER_OCTETS, PORTER_OCTETS);
	fixture_teardown();
}
END_TEST

/* The queue becomes full while the porter stands still. */
START_TEST(orders_that_are_late_are_obeyed)
{
	int first = give(0, 1, 10), second = give(0, 2, 10),
	    left = give(0, 3, 10), accepted, kept = client_connect(&accepted),
	    next;
	uint64_t sequence = 4;

	settle(0);
	kill(porter_pid(porter), SIGSTOP);
	while (try_to_send(0, sequence, accepted, 10) == 0)
		sequence++;
	ck_assert_int_eq(errno, EAGAIN);
	while (porter_keep(porter, accepted) != 0)
		continue;
	porter_adopt(porter, porter_parcel_number(0, 1));
	porter_adopt(porter, porter_parcel_number(0, 2));
	ck_assert_int_eq(porter_forget(porter, 0), 0);
	ck_assert_int_lt(porter_catch_up(porter), INT64_MAX);
	next = give(0, sequence, 10);
	kill(porter_pid(porter), SIGCONT);
	while (porter_catch_up(porter) != INT64_MAX)
		poll(NULL, 0, 1);
	ck_assert(client_has_ended(left, CLIENT_PATIENCE_MS));
	check_claim(0, 1, first);
	check_claim(0, 2, second);
	check_claim(0, sequence, next);
	close(first);
	close(second);
	close(left);
	close(next);
	close(accepted);
	close(kept);
}
END_TEST

START_TEST(its_end_closes_parcels)
{
	int client = give(0, 1, 10), accepted,
	    other = client_connect(&accepted), status;

	settle(0);
	kill(porter_pid(porter), SIGKILL);
	waitpid(porter_pid(porter), &status, 0);
	ck_assert(client_has_ended(client, CLIENT_PATIENCE_MS));
	ck_assert_int_eq(try_to_send(0, 2, accepted, 10), -1);
	ck_assert_int_eq(claim(0, 1, sizeof(taken), &(size_t){ 0 }), -1);
	porter_adopt(porter, porter_parcel_number(0, 1));
	ck_assert_int_eq(porter_forget(porter, 0), 0);
	porter_drop(porter, porter_parcel_number(0, 1));
	ck_assert_int_eq(porter_catch_up(porter), INT64_MAX);
	close(client);
	close(accepted);
	close(other);
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_test(t, a_parcel_comes_whole);
	tcase_add_test(t, octets_of_any_length_come);
	tcase_add_test(t, a_small_send_buffer_is_enough);
	tcase_add_test(t, each_place_has_numbers_of_its_own);
	tcase_add_test(t, a_sequence_is_used_once);
	tcase_add_test(t, a_parcel_is_found_wherever_it_lies);
	tcase_add_test(t, what_nobody_adopts_ends_with_its_worker);
	tcase_add_test(t, and_what_the_porter_has_not_read);
	tcase_add_test(t, orders_that_are_late_are_obeyed);
}

int
main(void)
{
	Suite *s = suite_create("parcel");
	TCase *t = tcase_create("parcel"), *limits = tcase_create("limits"),
	      *killed = tcase_create("killed");
	SRunner *r;

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, setup, fixture_teardown);
	add_tests(t);
	tcase_set_timeout(limits, 120);
	tcase_add_test(limits, so_many_wait_for_adoption);
	tcase_add_test(limits, with_so_many_octets);
	tcase_add_test(limits, and_fewer_where_descriptors_are_few);
	tcase_add_checked_fixture(killed, setup, NULL);
	tcase_add_test(killed, its_end_closes_parcels);
	suite_add_tcase(s, t);
	suite_add_tcase(s, limits);
	suite_add_tcase(s, killed);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
