/*
 * A connection of one worker is passed to another one, whole, and comes back with
 * the facts that it had, whatever that one says.
 *
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "fixture.h"
#include "generation/porter_outbox.h"
#include "generation/porter_parcel.h"

#define CONNECTIONS 1000

/* Places: two workers that accept, and two shared ones. */
enum { FIRST, SECOND, SHARED, OTHER, WORKERS };
#define BELIEVED 2

static struct connection_facts true_facts, false_facts;

static void
setup(void)
{
	true_facts = fixture_facts();
	false_facts = (struct connection_facts){ .requests = 9 };
	address_set_ip(&false_facts.client, AF_INET, "\x0a\0\0\1", 80);
	fixture_setup(CONNECTIONS,
	    &(struct porter_workers){ WORKERS, BELIEVED, 0 });
}

/* A worker gives a connection away, which has come to it by that number. */
static void
give(size_t place, uint64_t sequence, uint64_t passed, int accepted,
    const struct connection_facts *facts, size_t length)
{
	const struct iovec piece = { sent, length };
	const struct worker_label label = { sequence, passed };

	while (porter_send_parcel(porter_worker_socket(porter, place), &label,
		   accepted, facts, &piece, 1) < 0) {
		ck_assert_int_eq(errno, EAGAIN);
		poll(NULL, 0, 1);
	}
}

static uint64_t
pass(size_t from, uint64_t sequence, size_t to)
{
	const uint64_t number = porter_parcel_number(from, sequence);

	ck_assert(porter_pass(porter, number, to, false));
	return number;
}

struct received {
	struct worker_arrival is;
	int socket;
};

static struct received
receive_any(size_t place)
{
	struct received r = { .socket = -1 };
	struct pollfd p = { .fd = porter_worker_socket(porter, place),
		.events = POLLIN };

	ck_assert_int_eq(poll(&p, 1, CLIENT_PATIENCE_MS), 1);
	r.socket = porter_receive_parcel(p.fd, FIXTURE_BYTES, &r.is);
	return r;
}

static struct received
receive(size_t place)
{
	struct received r = receive_any(place);

	ck_assert_int_ge(r.socket, 0);
	return r;
}

static void
check_missing(size_t place)
{
	struct received r = receive_any(place);

	ck_assert_int_lt(r.socket, 0);
	ck_assert(r.is.is_missing);
}

static void
check_facts(const struct connection_facts *facts, uint64_t requests)
{
	ck_assert(address_equal(&facts->client, &true_facts.client));
	ck_assert(address_equal(&facts->server, &true_facts.server));
	ck_assert(facts->secure);
	ck_assert_uint_eq(facts->requests, requests);
}

static void
drop(struct received *r)
{
	free((char *)(uintptr_t)r->is.octets.data);
	close(r->socket);
}

/* From the first worker to the shared one. Returns the client's end. */
static int
pass_one(uint64_t sequence, size_t length, struct received *r)
{
	int accepted, client = client_connect(&accepted);

	give(FIRST, sequence, 0, accepted, &true_facts, length);
	close(accepted);
	pass(FIRST, sequence, SHARED);
	*r = receive(SHARED);
	ck_assert(client_hears(client, r->socket));
	return client;
}

START_TEST(it_comes_whole)
{
	static const size_t lengths[] = { 0, 1, 500, 70000, 200000,
		FIXTURE_BYTES };
	const size_t length = lengths[_i];
	struct received r;
	int client = pass_one(1, length, &r);

	ck_assert_uint_eq(r.is.passed, porter_parcel_number(FIRST, 1));
	check_facts(&r.is.facts, 7);
	ck_assert_uint_eq(r.is.octets.len, length);
	ck_assert_mem_eq(r.is.octets.data, sent, length);
	drop(&r);
	/* The porter has no copy of the socket. */
	ck_assert(client_has_ended(client, CLIENT_PATIENCE_MS));
	close(client);
}
END_TEST

START_TEST(it_comes_back_with_its_facts)
{
	struct received there, back;
	int client = pass_one(1, 10, &there);

	give(SHARED, 5, there.is.passed, there.socket, &false_facts, 3);
	pass(SHARED, 5, SECOND);
	back = receive(SECOND);
	ck_assert(client_hears(client, back.socket));
	check_facts(&back.is.facts, 9);
	/* Whose socket a shared worker may have. */
	ck_assert(!there.is.is_shared);
	ck_assert(back.is.is_shared);
	ck_assert_uint_eq(back.is.octets.len, 3);
	drop(&there);
	drop(&back);
	close(client);
}
END_TEST

/* The kernel tells the porter of what such a worker has not read, before that. */
START_TEST(a_worker_that_ends_has_given_it)
{
	struct received there, back;
	int client = pass_one(1, 10, &there), accepted,
	    late = client_connect(&accepted);
	struct pollfd p = { .fd = porter_worker_socket(porter, SHARED),
		.events = POLLIN };

	give(FIRST, 2, 0, accepted, &true_facts, 1);
	close(accepted);
	pass(FIRST, 2, SHARED);
	ck_assert_int_eq(poll(&p, 1, CLIENT_PATIENCE_MS), 1);
	kill(porter_pid(porter), SIGSTOP);
	give(SHARED, 5, there.is.passed, there.socket, &false_facts, 3);
	pass(SHARED, 5, SECOND);
	ck_assert_int_eq(porter_forget(porter, SHARED), 0);
	kill(porter_pid(porter), SIGCONT);
	back = receive(SECOND);
	ck_assert(client_hears(client, back.socket));
	drop(&there);
	drop(&back);
	close(client);
	close(late);
}
END_TEST

START_TEST(it_gets_a_process_with_its_facts)
{
	struct connection_facts facts;
	struct received there;
	char octets[10];
	size_t length;
	int client = pass_one(1, 10, &there), socket;

	give(SHARED, 5, there.is.passed, there.socket, &false_facts, 3);
	socket = porter_claim_parcel(porter_socket(porter),
	    porter_parcel_number(SHARED, 5), &facts, octets, sizeof(octets),
	    &length);
	ck_assert_int_ge(socket, 0);
	ck_assert(client_hears(client, socket));
	check_facts(&facts, 9);
	drop(&there);
	close(socket);
	close(client);
}
END_TEST

/* Nothing that this worker was not passed gets out of it. */
static void
check_refused(uint64_t passed)
{
	static uint64_t sequence = 100;
	int accepted, client = client_connect(&accepted);

	give(SHARED, ++sequence, passed, accepted, &false_facts, 3);
	close(accepted);
	ck_assert(client_has_ended(client, CLIENT_PATIENCE_MS));
	close(client);
}

START_TEST(a_shared_worker_sends_only_what_it_was_passed)
{
	struct received there, other;
	int client = pass_one(1, 10, &there), accepted,
	    second = client_connect(&accepted);

	check_refused(0);
	check_refused(porter_parcel_number(FIRST, 77));
	/* What another one has. */
	give(SECOND, 1, 0, accepted, &true_facts, 1);
	close(accepted);
	pass(SECOND, 1, OTHER);
	other = receive(OTHER);
	check_refused(other.is.passed);
	/* What it has given back already, or what has ended. */
	give(SHARED, 5, there.is.passed, there.socket, &false_facts, 3);
	check_refused(there.is.passed);
	ck_assert_int_eq(porter_send_done(porter_worker_socket(porter, OTHER),
			     other.is.passed),
	    0);
	give(OTHER, 1, other.is.passed, other.socket, &false_facts, 3);
	drop(&other);
	ck_assert(client_has_ended(second, CLIENT_PATIENCE_MS));
	/* It takes away nothing that others have. */
	drop(&there);
	close(client);
	close(second);
}
END_TEST

START_TEST(others_cannot_claim_it)
{
	struct connection_facts facts;
	struct received there;
	char octets[10];
	size_t length;
	int client = pass_one(1, 10, &there);

	check_refused(0); /* So the porter has heard of it. */
	ck_assert_int_lt(porter_claim_parcel(porter_socket(porter),
			     there.is.passed, &facts, octets, sizeof(octets),
			     &length),
	    0);
	ck_assert_int_lt(porter_claim(porter_socket(porter), there.is.passed),
	    0);
	ck_assert(client_hears(client, there.socket));
	drop(&there);
	close(client);
}
END_TEST

START_TEST(its_end_closes_what_is_on_the_way)
{
	struct received there;
	int accepted, client = pass_one(1, 10, &there),
		      late = client_connect(&accepted);

	/* Its worker gives it back, and nobody takes it. */
	give(SHARED, 5, there.is.passed, there.socket, &false_facts, 3);
	drop(&there);
	give(FIRST, 2, 0, accepted, &true_facts, 1);
	close(accepted);
	pass(FIRST, 2, SHARED);
	ck_assert_int_eq(porter_forget(porter, SHARED), 0);
	ck_assert(client_has_ended(client, CLIENT_PATIENCE_MS));
	ck_assert(client_has_ended(late, CLIENT_PATIENCE_MS));
	close(client);
	close(late);
	/* The next one in that place is sent what is passed to it. */
	client = pass_one(3, 10, &there);
	drop(&there);
	close(client);
}
END_TEST

/* The generation has kept the socket, and knows the facts. */
START_TEST(a_kept_one_is_passed_with_other_facts)
{
	struct received r;
	int accepted, client = client_connect(&accepted), i;
	uint64_t number = porter_keep(porter, accepted);

	close(accepted);
	ck_assert(porter_pass_kept(porter, number, FIRST, &true_facts));
	r = receive(FIRST);
	ck_assert(client_hears(client, r.socket));
	ck_assert_uint_eq(r.is.passed, number);
	ck_assert(!r.is.is_shared);
	check_facts(&r.is.facts, 7);
	drop(&r);
	ck_assert(client_has_ended(client, CLIENT_PATIENCE_MS));
	close(client);
	/* One of a worker that a process had for a while. */
	client = pass_one(1, 10, &r);
	give(SHARED, 5, r.is.passed, r.socket, &false_facts, 3);
	drop(&r);
	number = porter_parcel_number(SHARED, 5);
	accepted = porter_claim_parcel(porter_socket(porter), number,
	    &false_facts, sent, FIXTURE_BYTES, &(size_t){ 0 });
	ck_assert_int_ge(accepted, 0);
	close(accepted);
	for (i = 0; i < 2; i++) /* The second one finds nothing. */
		ck_assert(porter_pass_kept(porter, number, SECOND,
		    &true_facts));
	r = receive(SECOND);
	ck_assert(client_hears(client, r.socket));
	ck_assert(r.is.is_shared);
	check_facts(&r.is.facts, 7);
	drop(&r);
	close(client);
}
END_TEST

/* The close of the last copy may wait. */
START_TEST(the_porter_closes_what_has_ended)
{
	const struct linger never = { 1, 600 };
	struct received r;
	int accepted, client = client_connect_lingering(&accepted), i;

	give(FIRST, 1, 0, accepted, &true_facts, 10);
	close(accepted);
	pass(FIRST, 1, SHARED);
	r = receive(SHARED);
	ck_assert_int_eq(setsockopt(r.socket, SOL_SOCKET, SO_LINGER, &never,
			     sizeof(never)),
	    0);
	ck_assert_int_eq(porter_send_socket(porter_worker_socket(porter,
						SHARED),
			     r.is.passed, r.socket),
	    0);
	poll(NULL, 0, 50); /* so that the porter has it */
	drop(&r);	   /* Else this would wait. */
	ck_assert_int_eq(porter_send_done(porter_worker_socket(porter, SHARED),
			     r.is.passed),
	    0);
	for (i = 2; i < 10; i++) {
		close(pass_one((uint64_t)i, 10, &r));
		drop(&r);
	}
	close(client);
}
END_TEST

/* Its worker has ended before it had it. */
START_TEST(what_is_on_the_way_can_go_elsewhere)
{
	struct received r;
	int accepted, client = client_connect(&accepted), i;

	give(FIRST, 1, 0, accepted, &true_facts, 10);
	close(accepted);
	pass(FIRST, 1, SHARED);
	for (i = 0; i < 3; i++)
		pass(FIRST, 1, i % 2 == 0 ? OTHER : SHARED);
	ck_assert_int_eq(porter_forget(porter, SHARED), 0);
	r = receive(OTHER);
	ck_assert(client_hears(client, r.socket));
	ck_assert_uint_eq(r.is.octets.len, 10);
	check_facts(&r.is.facts, 7);
	drop(&r);
	close(client);
}
END_TEST

/* Else two processes would serve the client. */
START_TEST(what_a_worker_has_does_not_go_elsewhere)
{
	struct received r;
	struct pollfd p = { .fd = porter_worker_socket(porter, OTHER),
		.events = POLLIN };
	int client = pass_one(1, 10, &r), accepted,
	    second = client_connect(&accepted);

	check_refused(0); /* So the porter has heard of it. */
	pass(FIRST, 1, OTHER);
	check_missing(OTHER);
	give(SECOND, 1, 0, accepted, &true_facts, 1);
	close(accepted);
	pass(SECOND, 1, OTHER);
	drop(&r);
	r = receive(OTHER);
	ck_assert(client_hears(second, r.socket));
	ck_assert_int_eq(poll(&p, 1, 0), 0);
	drop(&r);
	close(client);
	close(second);
}
END_TEST

/* A worker that does not read gets so many, and the rest is closed. */
START_TEST(a_queue_is_bounded)
{
	static const int many = PORTER_OUTBOX_MAX + 400;
	int clients[PORTER_OUTBOX_MAX + 400], accepted, i, ended = 0;
	struct received r;

	for (i = 0; i < many; i++) {
		clients[i] = client_connect(&accepted);
		give(FIRST, (uint64_t)i + 1, 0, accepted, &true_facts, 30000);
		close(accepted);
		while (!porter_pass(porter,
		    porter_parcel_number(FIRST, (uint64_t)i + 1), SHARED,
		    false))
			porter_catch_up(porter);
	}
	while (porter_catch_up(porter) != INT64_MAX)
		poll(NULL, 0, 1);
	/* Others are served meanwhile. */
	clients[0] = client_connect(&accepted);
	give(SECOND, 1, 0, accepted, &true_facts, 1);
	close(accepted);
	pass(SECOND, 1, OTHER);
	r = receive(OTHER);
	drop(&r);
	for (i = many - 1; i >= many - 300; i--)
		ended += client_has_ended(clients[i], CLIENT_PATIENCE_MS);
	ck_assert_int_eq(ended, 300);
	ck_assert_int_eq(porter_forget(porter, SHARED), 0);
	for (i = 0; i < many; i++)
		close(clients[i]);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("outbox");
	TCase *t = tcase_create("passed");
	SRunner *r;

	tcase_add_checked_fixture(t, setup, fixture_teardown);
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, it_comes_whole, 0, 6);
	tcase_add_test(t, it_comes_back_with_its_facts);
	tcase_add_test(t, a_worker_that_ends_has_given_it);
	tcase_add_test(t, it_gets_a_process_with_its_facts);
	tcase_add_test(t, a_shared_worker_sends_only_what_it_was_passed);
	tcase_add_test(t, others_cannot_claim_it);
	tcase_add_test(t, its_end_closes_what_is_on_the_way);
	tcase_add_test(t, a_kept_one_is_passed_with_other_facts);
	tcase_add_test(t, the_porter_closes_what_has_ended);
	tcase_add_test(t, what_is_on_the_way_can_go_elsewhere);
	tcase_add_test(t, what_a_worker_has_does_not_go_elsewhere);
	tcase_add_test(t, a_queue_is_bounded);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
