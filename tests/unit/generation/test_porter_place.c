/*
 * A worker that was broken into sends what it likes. It fills its own place, and
 * neither harms nor delays others.
 *
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memfd.h"
#include "client.h"
#include "fixture.h"
#include "generation/discard.h"
#include "generation/porter_messages.h"
#include "generation/porter_parcel.h"

#define CONNECTIONS 64
#define WORKERS	    2
#define FDS_MAX	    253 /* of a message; the kernel's */
#define HEAD_BYTES  (offsetof(struct porter_parcel, contents.octets))

static struct porter_parcel parcel;

static void
setup(void)
{
	const struct connection_facts facts = fixture_facts();

	parcel.message.order = PORTER_PARCEL;
	porter_facts_put(&parcel.contents.facts, &facts);
	fixture_setup(CONNECTIONS,
	    &(struct porter_workers){ WORKERS, WORKERS, 0 });
}

/* A message of any length, with any descriptors. */
static ssize_t
send_raw(int socket, size_t bytes, const int *fds, size_t count)
{
	char control[CMSG_SPACE(FDS_MAX * sizeof(int))] = { 0 };
	struct iovec iov = { &parcel, bytes };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *header;

	if (count > 0) {
		m.msg_control = control;
		m.msg_controllen = CMSG_SPACE(count * sizeof(int));
		header = CMSG_FIRSTHDR(&m);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(header), fds, count * sizeof(int));
	}
	return sendmsg(socket, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static int
claim(size_t place, uint64_t sequence)
{
	struct connection_facts facts;
	char octets[PORTER_OCTETS];
	size_t length;

	return porter_claim_parcel(porter_socket(porter),
	    porter_parcel_number(place, sequence), &facts, octets,
	    sizeof(octets), &length);
}

static ssize_t
send_first(size_t bytes, const int *fds, size_t count)
{
	return send_raw(porter_worker_socket(porter, 0), bytes, fds, count);
}

/* An honest parcel of that place comes to who claims it. */
static void
check_parcel(size_t place, bool waits)
{
	static uint64_t sequence = 1000;
	const struct connection_facts facts = fixture_facts();
	int accepted, client = client_connect(&accepted), claimed;

	sequence++;
	while (porter_send_parcel(porter_worker_socket(porter, place),
		   &(struct worker_label){ sequence, 0 }, accepted, &facts,
		   NULL, 0) < 0)
		poll(NULL, 0, 1);
	close(accepted);
	while ((claimed = claim(place, sequence)) < 0 && waits)
		poll(NULL, 0, 1);
	ck_assert_int_ge(claimed, 0);
	ck_assert(client_hears(client, claimed));
	porter_drop(porter, porter_parcel_number(place, sequence));
	close(claimed);
	close(client);
}

static void
check_place(size_t place)
{
	check_parcel(place, false);
}

/* What was sent before is still to be closed. */
static void
wait_for_place(size_t place)
{
	check_parcel(place, true);
}

/* Keeps, claims and drops a socket. */
static void
check_generation(void)
{
	int accepted, client = client_connect(&accepted), claimed;
	uint64_t number = porter_keep(porter, accepted);

	ck_assert_uint_ne(number, 0);
	close(accepted);
	claimed = porter_claim(porter_socket(porter), number);
	ck_assert_int_ge(claimed, 0);
	ck_assert(client_hears(client, claimed));
	close(claimed);
	porter_drop(porter, number);
	ck_assert(client_has_ended(client, CLIENT_PATIENCE_MS));
	close(client);
}

/* Sends it with a client's socket at first; nothing of it stays in the porter. */
static void
check_refused(size_t bytes, const int *more, size_t count)
{
	int fds[FDS_MAX], client = client_connect(&fds[0]), claimed;

	if (count > 0)
		memcpy(fds + 1, more, count * sizeof(fds[0]));
	ck_assert_int_eq(send_first(bytes, fds, 1 + count), bytes);
	close(fds[0]);
	ck_assert(client_has_ended(client, CLIENT_PATIENCE_MS));
	claimed = claim(0, parcel.message.number);
	ck_assert_int_eq(claimed, -1);
	close(client);
}

START_TEST(it_can_send_parcels_alone)
{
	int accepted, client = client_connect(&accepted);
	uint64_t number = porter_keep(porter, accepted);
	uint32_t order;

	close(accepted);
	check_place(1);
	for (order = 0; order < 20; order++) {
		parcel.message.order = order;
		parcel.message.number = order == PORTER_FORGET ? 1 : number;
		if (order == PORTER_PARCEL)
			continue;
		check_refused(sizeof(parcel.message), NULL, 0);
		parcel.message.number = 7;
		check_refused(HEAD_BYTES, NULL, 0);
	}
	check_place(1);
	accepted = porter_claim(porter_socket(porter), number);
	ck_assert_int_ge(accepted, 0);
	ck_assert(client_hears(client, accepted));
	close(accepted);
	close(client);
}
END_TEST

START_TEST(its_numbers_are_of_its_place)
{
	parcel.message.number = 0;
	check_refused(HEAD_BYTES, NULL, 0);
	parcel.message.number = PORTER_SEQUENCE_MAX + 1;
	check_refused(HEAD_BYTES, NULL, 0);
	parcel.message.number = porter_parcel_number(1, 5);
	check_refused(HEAD_BYTES, NULL, 0);
	ck_assert_int_eq(claim(1, 5), -1);
	wait_for_place(0);
}
END_TEST

START_TEST(a_parcel_has_its_parts)
{
	int copy = memfd_from_text("test", "text", 4), other,
	    open_copy = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	parcel.message.number = 7;
	check_refused(HEAD_BYTES - 1, NULL, 0);
	check_refused(HEAD_BYTES + 1, &copy, 1);
	check_refused(HEAD_BYTES, &open_copy, 1);
	check_refused(HEAD_BYTES, (int[]){ copy, copy }, 2);
	other = open("/dev/null", O_RDWR | O_CLOEXEC);
	check_refused(HEAD_BYTES, &other, 1);
	wait_for_place(0);
	close(copy);
	close(open_copy);
	close(other);
}
END_TEST

/* The read end of the pipe tells that nobody has the descriptor any more. */
static bool
is_closed(int pipe_end)
{
	struct pollfd p = { .fd = pipe_end, .events = POLLIN };

	return poll(&p, 1, CLIENT_PATIENCE_MS) == 1 && (p.revents & POLLHUP);
}

START_TEST(its_socket_is_that_of_a_client)
{
	int ends[2], fds[2], i, kinds[4];

	parcel.message.number = 7;
	ck_assert_int_eq(send_first(HEAD_BYTES, NULL, 0), HEAD_BYTES);
	socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	kinds[0] = ends[0];
	kinds[1] = socket(AF_INET, SOCK_DGRAM, 0);
	kinds[2] = socket(AF_INET, SOCK_STREAM, 0);
	listen(kinds[2], 1);
	kinds[3] = open("/dev/null", O_RDWR);
	for (i = 0; i < 4; i++) {
		ck_assert_int_eq(send_first(HEAD_BYTES, &kinds[i], 1),
		    HEAD_BYTES);
		ck_assert_int_eq(claim(0, 7), -1);
		close(kinds[i]);
	}
	close(ends[1]);
	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(send_first(HEAD_BYTES, &fds[1], 1), HEAD_BYTES);
	close(fds[1]);
	ck_assert(is_closed(fds[0]));
	close(fds[0]);
	wait_for_place(0);
}
END_TEST

START_TEST(false_facts_are_noticed)
{
	int accepted, client = client_connect(&accepted);

	parcel.message.number = 7;
	parcel.contents.facts.client_length =
	    sizeof(parcel.contents.facts.client) + 1;
	ck_assert_int_eq(send_first(HEAD_BYTES, &accepted, 1), HEAD_BYTES);
	ck_assert_int_eq(claim(0, 7), -1);
	ck_assert_int_eq(errno, EBADMSG);
	close(accepted);
	close(client);
}
END_TEST

/* A message with as many descriptors as can be. The close of the first one waits,
 * the others are open meanwhile. */
static int
send_lingering(void)
{
	int fds[FDS_MAX], client = client_connect_lingering(&fds[0]);
	size_t i;

	for (i = 1; i < FDS_MAX; i++)
		fds[i] = STDIN_FILENO;
	ck_assert_int_eq(send_first(HEAD_BYTES, fds, FDS_MAX), HEAD_BYTES);
	close(fds[0]);
	return client;
}

/* Each waits until its client is gone. The first ones take all threads. */
START_TEST(nobody_else_waits_for_what_it_sends)
{
	int clients[DISCARD_THREADS + 3], i, accepted, client;
	const int count = DISCARD_THREADS + 3;

	parcel.message.number = 7;
	/* So that the porter has the last descriptors. */
	kill(porter_pid(porter), SIGSTOP);
	for (i = 0; i < count; i++)
		clients[i] = send_lingering();
	kill(porter_pid(porter), SIGCONT);
	for (i = 0; i < 50; i++)
		check_generation();
	check_place(1);

	/* Its own clients do, also those of the next worker. */
	ck_assert_int_eq(porter_forget(porter, 0), 0);
	client = client_connect(&accepted);
	ck_assert_int_eq(send_first(HEAD_BYTES, &accepted, 1), HEAD_BYTES);
	ck_assert_int_eq(claim(0, 7), -1);
	check_generation();
	for (i = 0; i < count; i++)
		close(clients[i]);
	while ((i = claim(0, 7)) < 0)
		poll(NULL, 0, 1);
	close(i);
	close(accepted);
	close(client);
	wait_for_place(0);
}
END_TEST

static int64_t
cpu_ms(void)
{
	struct timespec used;
	clockid_t clock;

	ck_assert_int_eq(clock_getcpuclockid(porter_pid(porter), &clock), 0);
	clock_gettime(clock, &used);
	return used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

static void
check_silence(void)
{
	int64_t before = cpu_ms();

	check_generation();
	poll(NULL, 0, 300);
	ck_assert_int_lt(cpu_ms() - before, 100);
}

/* Nor does the porter spin then. */
START_TEST(what_it_does_to_its_socket_ends_with_it)
{
	ck_assert_int_eq(shutdown(porter_worker_socket(porter, 0), SHUT_RDWR),
	    0);
	check_silence();
	check_place(1);
	ck_assert_int_eq(porter_forget(porter, 0), 0);
	check_place(0);

	ck_assert_int_eq(send_first(0, NULL, 0), 0);
	check_silence();
	ck_assert_int_eq(porter_forget(porter, 0), 0);
	check_place(0);
}
END_TEST

/* Sends empty messages, parcels, and messages full of descriptors, until it is
 * killed. */
static pid_t
start_flood(void)
{
	const size_t counts[64] = { 1, 1, FDS_MAX };
	const int flooded = porter_worker_socket(porter, 0);
	int fds[FDS_MAX], i;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	client_connect(&fds[0]);
	for (i = 1; i < FDS_MAX; i++)
		fds[i] = fds[0];
	for (;;) {
		parcel.message.number++;
		send_raw(flooded, HEAD_BYTES, fds,
		    counts[parcel.message.number % 64]);
	}
}

/* Orders for parcels that were never sent, too. */
static int64_t
time_orders(void)
{
	int64_t began_ms = clock_ms();
	int i;

	for (i = 0; i < 100; i++) {
		ck_assert_int_eq(claim(0, PORTER_SEQUENCE_MAX), -1);
		check_generation();
	}
	return clock_ms() - began_ms;
}

static void
check_flood(void)
{
	int64_t before_ms = time_orders(), meanwhile_ms;
	int status;
	pid_t pid = start_flood();

	check_place(1);
	meanwhile_ms = time_orders();
	check_place(1);
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (getenv("PORTER_TIMES"))
		fprintf(stderr, "%lld %lld\n", (long long)before_ms,
		    (long long)meanwhile_ms);
	ck_assert_int_lt(meanwhile_ms, 1000 + 20 * before_ms);
	ck_assert_int_eq(porter_forget(porter, 0), 0);
	wait_for_place(0);
}

START_TEST(its_flood_does_not_keep_others)
{
	check_flood();
}
END_TEST

/* As many as it was started for. */
static void
keep_and_claim(void)
{
	uint64_t numbers[CONNECTIONS];
	int accepted, client = client_connect(&accepted), i, claimed;

	for (i = 0; i < CONNECTIONS; i++)
		while ((numbers[i] = porter_keep(porter, accepted)) == 0)
			poll(NULL, 0, 1);
	for (i = 0; i < CONNECTIONS; i++) {
		claimed = porter_claim(porter_socket(porter), numbers[i]);
		ck_assert_int_ge(claimed, 0);
		close(claimed);
		porter_drop(porter, numbers[i]);
	}
	close(accepted);
	close(client);
}

/* Three messages have more descriptors than the porter can have. */
START_TEST(also_where_descriptors_are_few)
{
	const struct rlimit few = { 600, 600 };
	int clients[3], i;
	pid_t pid;

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	setup();
	kill(porter_pid(porter), SIGSTOP);
	for (i = 0; i < 3; i++)
		clients[i] = send_lingering();
	kill(porter_pid(porter), SIGCONT);
	keep_and_claim();
	for (i = 0; i < 3; i++)
		close(clients[i]);
	wait_for_place(0);
	/* Descriptors in flight are counted for a user as a whole, but for root: a
	 * flood of another user's leaves none for the answers. */
	if (geteuid() == 0) {
		pid = start_flood();
		keep_and_claim();
		check_place(1);
		kill(pid, SIGKILL);
		ck_assert_int_eq(waitpid(pid, &i, 0), pid);
	}
	fixture_teardown();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("place");
	TCase *t = tcase_create("place"), *few = tcase_create("few");
	SRunner *r;

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, setup, fixture_teardown);
	tcase_add_test(t, it_can_send_parcels_alone);
	tcase_add_test(t, its_numbers_are_of_its_place);
	tcase_add_test(t, a_parcel_has_its_parts);
	tcase_add_test(t, its_socket_is_that_of_a_client);
	tcase_add_test(t, false_facts_are_noticed);
	tcase_add_test(t, nobody_else_waits_for_what_it_sends);
	tcase_add_test(t, what_it_does_to_its_socket_ends_with_it);
	tcase_add_test(t, its_flood_does_not_keep_others);
	tcase_set_timeout(few, 120);
	tcase_add_test(few, also_where_descriptors_are_few);
	suite_add_tcase(s, t);
	suite_add_tcase(s, few);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
