/* SPDX-License-Identifier: ISC */
#include "fiber/loop.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

#define PAIRS	    20
#define PAIR_OCTETS ((size_t)100 * 1000)

static struct loop *loop;
static bool was_interrupted;
static struct loop_watch *nudged_by_signal;

static void
note_interruption(void *context)
{
	*(bool *)context = true;
	if (nudged_by_signal)
		loop_nudge(nudged_by_signal);
}

static void
setup(void)
{
	const struct loop_settings settings = {
		.stack_bytes = (size_t)64 * 1024,
		.max_fibers = 2 * PAIRS,
		.max_steps = 10,
		.max_octets = 5000,
		.interrupted = note_interruption,
		.context = &was_interrupted,
	};

	loop = loop_new(&settings);
	ck_assert_ptr_nonnull(loop);
}

static void
teardown(void)
{
	loop_free(loop);
}

static void
make_pair(int fds[2])
{
	ck_assert_int_eq(socketpair(AF_UNIX,
			     SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
			     fds),
	    0);
}

static void
start(void (*run)(void *argument), void *argument)
{
	ck_assert_int_eq(loop_start(loop, run, argument), 0);
}

static void
watch(struct loop_watch *watched, int fd)
{
	ck_assert_int_eq(loop_watch(loop, watched, fd, LOOP_CLIENT), 0);
}

/* One end of a pair, each of which sends to the other one, and receives. */
struct end {
	int fd;
	struct loop_watch watch;
	unsigned char next_sent, next_received; /* as octets are numbered */
	size_t sent, received;
};

static struct end ends[2 * PAIRS];

static size_t
some(size_t left)
{
	size_t n = 1 + (size_t)random() % 3000;

	return n < left ? n : left;
}

/* Whether it has moved anything. */
static bool
send_some(struct end *end)
{
	unsigned char octets[3000];
	size_t size = some(PAIR_OCTETS - end->sent);
	ssize_t n;

	for (size_t i = 0; i < size; i++)
		octets[i] = (unsigned char)(end->next_sent + i);
	n = send(end->fd, octets, size, MSG_NOSIGNAL);
	if (n < 0) {
		ck_assert_int_eq(errno, EAGAIN);
		loop_exhaust(&end->watch, EPOLLOUT);
		return false;
	}
	end->sent += (size_t)n;
	end->next_sent = (unsigned char)(end->next_sent + n);
	if (end->sent == PAIR_OCTETS)
		shutdown(end->fd, SHUT_WR);
	return true;
}

static bool
receive_some(struct end *end)
{
	unsigned char octets[3000];
	size_t size = some(sizeof(octets));
	ssize_t n = recv(end->fd, octets, size, 0);

	if (n < 0) {
		ck_assert_int_eq(errno, EAGAIN);
		loop_exhaust(&end->watch, EPOLLIN);
		return false;
	}
	ck_assert_int_gt(n, 0);
	for (ssize_t i = 0; i < n; i++)
		if (octets[i] != end->next_received++)
			ck_abort_msg("an octet is not the next one");
	end->received += (size_t)n;
	if ((size_t)n < size)
		loop_exhaust_partly(&end->watch, EPOLLIN);
	return true;
}

static uint32_t
missing(const struct end *end)
{
	return (end->received < PAIR_OCTETS ? EPOLLIN : 0u) |
	    (end->sent < PAIR_OCTETS ? EPOLLOUT : 0u);
}

/* Sends and receives in random order; waits before or after it has tried, and
 * sometimes in vain, as the other one may wait for the same. */
static void
exchange(void *argument)
{
	struct end *end = argument;

	watch(&end->watch, end->fd);
	while (missing(end)) {
		uint32_t events = missing(end);
		bool moved = false;

		if (random() % 4 == 0)
			loop_wait(&end->watch,
			    random() % 2 == 0 ? EPOLLIN : EPOLLOUT,
			    clock_ms() + random() % 2);
		if ((events & EPOLLOUT) && random() % 2 == 0)
			moved = send_some(end);
		else if (events & EPOLLIN)
			moved = receive_some(end);
		if (moved)
			loop_spend(loop, (size_t)random() % 3000);
		else if (random() % 2 == 0)
			ck_assert_int_eq(loop_wait(&end->watch, events,
					     clock_ms() + 60000),
			    LOOP_READY);
	}
	loop_unwatch(&end->watch);
	close(end->fd);
}

START_TEST(exchanges_octets_between_many_pairs)
{
	int fds[2], small = 4000;

	srandom(5);
	for (size_t i = 0; i < PAIRS; i++) {
		make_pair(fds);
		for (size_t j = 0; j < 2; j++) {
			setsockopt(fds[j], SOL_SOCKET, SO_SNDBUF, &small,
			    sizeof(small));
			ends[2 * i + j].fd = fds[j];
			start(exchange, &ends[2 * i + j]);
		}
	}
	ck_assert_int_eq(loop_run(loop), 0);
	for (size_t i = 0; i < 2 * PAIRS; i++) {
		ck_assert_uint_eq(ends[i].sent, PAIR_OCTETS);
		ck_assert_uint_eq(ends[i].received, PAIR_OCTETS);
	}
}
END_TEST

/* What happens, in order: a letter each. */
static char events[64];

static void
note(char letter)
{
	size_t length = strlen(events);

	ck_assert_uint_lt(length, sizeof(events) - 1);
	events[length] = letter;
}

static int pair[2];

static void
send_octet(void *argument)
{
	(void)argument;
	note('s');
	ck_assert_int_eq(send(pair[1], "x", 1, 0), 1);
}

static void
wait_long(void *argument)
{
	struct loop_watch watched;

	(void)argument;
	watch(&watched, pair[0]);
	note('w');
	ck_assert_int_eq(loop_wait(&watched, EPOLLIN, clock_ms() + 60000),
	    LOOP_READY);
	note('r');
	loop_unwatch(&watched);
}

START_TEST(resumes_a_fiber_whose_descriptor_is_ready)
{
	make_pair(pair);
	start(wait_long, NULL);
	start(send_octet, NULL);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_str_eq(events, "wsr");
}
END_TEST

/* Of all waits: a machine that is busy must not change their order. */
static int64_t begin_ms;

static void
wait_in_vain(void *argument)
{
	struct loop_watch watched;
	int ms = *(int *)argument, fds[2];

	make_pair(fds);
	watch(&watched, fds[0]);
	ck_assert_int_eq(loop_wait(&watched, EPOLLIN, begin_ms + ms),
	    LOOP_TIMED_OUT);
	ck_assert_int_ge(clock_ms() - begin_ms, ms);
	note((char)('0' + ms / 10));
	/* The deadline is gone; the next one counts. */
	ck_assert_int_eq(loop_wait(&watched, EPOLLIN, clock_ms() + 1),
	    LOOP_TIMED_OUT);
	loop_unwatch(&watched);
	close(fds[0]);
	close(fds[1]);
}

START_TEST(ends_waits_at_their_deadlines)
{
	static int times[] = { 90, 30, 0, 60 };

	begin_ms = clock_ms();
	for (size_t i = 0; i < 4; i++)
		start(wait_in_vain, &times[i]);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_str_eq(events, "0369");
}
END_TEST

/* An octet of two is read, and no edge tells of the other one again. */
static void
read_half(void *argument)
{
	struct loop_watch watched;
	char octet;

	(void)argument;
	ck_assert_int_eq(send(pair[1], "xy", 2, 0), 2);
	watch(&watched, pair[0]);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(loop_wait(&watched, EPOLLIN, INT64_MAX),
		    LOOP_READY);
		ck_assert_int_eq(recv(pair[0], &octet, 1, 0), 1);
	}
	loop_exhaust(&watched, EPOLLIN);
	ck_assert_int_eq(loop_wait(&watched, EPOLLIN, clock_ms() + 1),
	    LOOP_TIMED_OUT);
	loop_unwatch(&watched);
}

START_TEST(remembers_that_octets_are_left)
{
	make_pair(pair);
	start(read_half, NULL);
	ck_assert_int_eq(loop_run(loop), 0);
}
END_TEST

/* The end comes with the last octets: one edge for both. */
static void
read_end(void *argument)
{
	struct loop_watch watched;
	char octets[10];

	(void)argument;
	ck_assert_int_eq(send(pair[1], "xy", 2, 0), 2);
	close(pair[1]);
	watch(&watched, pair[0]);
	ck_assert_int_eq(loop_wait(&watched, EPOLLIN, INT64_MAX), LOOP_READY);
	ck_assert_int_eq(recv(pair[0], octets, 10, 0), 2);
	loop_exhaust_partly(&watched, EPOLLIN);
	ck_assert_int_eq(loop_wait(&watched, EPOLLIN, clock_ms() + 60000),
	    LOOP_READY);
	ck_assert_int_eq(recv(pair[0], octets, 10, 0), 0);
	loop_unwatch(&watched);
}

START_TEST(remembers_the_end_behind_the_last_octets)
{
	make_pair(pair);
	start(read_end, NULL);
	ck_assert_int_eq(loop_run(loop), 0);
}
END_TEST

static struct loop_watch idle;

static void
be_idle(void *argument)
{
	(void)argument;
	watch(&idle, pair[0]);
	note('i');
	ck_assert_int_eq(loop_wait_nudged(&idle, EPOLLIN, INT64_MAX),
	    LOOP_NUDGED);
	note('n');
	/* A nudge that came before is not lost; one is taken once. */
	loop_nudge(&idle);
	ck_assert_int_eq(loop_wait(&idle, EPOLLIN, clock_ms() + 1),
	    LOOP_TIMED_OUT);
	ck_assert_int_eq(loop_wait_nudged(&idle, EPOLLIN, INT64_MAX),
	    LOOP_NUDGED);
	ck_assert_int_eq(loop_wait_nudged(&idle, EPOLLIN, clock_ms() + 1),
	    LOOP_TIMED_OUT);
	loop_unwatch(&idle);
}

static void
nudge(void *argument)
{
	(void)argument;
	note('N');
	loop_nudge(&idle);
}

START_TEST(ends_a_wait_by_a_nudge)
{
	make_pair(pair);
	start(be_idle, NULL);
	start(nudge, NULL);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_str_eq(events, "iNn");
}
END_TEST

static void
do_nothing(int number)
{
	(void)number;
}

static void
block_signal(void)
{
	const struct sigaction action = { .sa_handler = do_nothing };
	sigset_t set;

	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void
raise_signal(void *argument)
{
	(void)argument;
	kill(getpid(), SIGUSR1);
	ck_assert(!was_interrupted);
}

START_TEST(ends_a_wait_by_a_signal)
{
	block_signal();
	make_pair(pair);
	nudged_by_signal = &idle;
	start(be_idle, NULL);
	start(raise_signal, NULL);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert(was_interrupted);
}
END_TEST

/* Never waits. */
static void
be_busy(void *argument)
{
	int turns = 0;

	(void)argument;
	kill(getpid(), SIGUSR1);
	while (!was_interrupted && ++turns < 1000)
		loop_give_way(loop);
}

START_TEST(hears_of_a_signal_also_without_a_wait)
{
	block_signal();
	start(be_busy, NULL);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert(was_interrupted);
}
END_TEST

/* A fiber that leaves its descriptor to a rest, by which another fiber begins. */
static struct loop_rest rest;
static enum loop_outcome rest_outcome;

static void
go_on(void *argument)
{
	(void)argument;
	note('g');
	loop_unwatch(&idle);
}

static void
wake(struct loop_rest *ended, enum loop_outcome outcome)
{
	ck_assert_ptr_eq(ended, &rest);
	rest_outcome = outcome;
	note('w');
	start(go_on, NULL);
}

static void
lie_down(void *argument)
{
	const int64_t *ms = argument;

	watch(&idle, pair[0]);
	rest.wake = wake;
	loop_rest(&idle, &rest, *ms < 0 ? INT64_MAX : clock_ms() + *ms);
	note('r');
}

static void
rest_until(int64_t ms, void (*other)(void *argument))
{
	make_pair(pair);
	start(lie_down, &ms);
	if (other)
		start(other, NULL);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_ptr_null(idle.rest);
}

static void
send_to_rest(void *argument)
{
	(void)argument;
	note('s');
	ck_assert_int_eq(write(pair[1], "x", 1), 1);
}

START_TEST(ends_a_rest_when_octets_come)
{
	rest_until(-1, send_to_rest);
	ck_assert_str_eq(events, "rswg");
	ck_assert_int_eq(rest_outcome, LOOP_READY);
}
END_TEST

START_TEST(ends_a_rest_at_its_deadline)
{
	rest_until(5, NULL);
	ck_assert_str_eq(events, "rwg");
	ck_assert_int_eq(rest_outcome, LOOP_TIMED_OUT);
}
END_TEST

START_TEST(ends_a_rest_by_a_nudge)
{
	rest_until(-1, nudge);
	ck_assert_str_eq(events, "rNwg");
	ck_assert_int_eq(rest_outcome, LOOP_NUDGED);
}
END_TEST

/* The octet is there before the rest. */
static void
lie_down_late(void *argument)
{
	watch(&idle, pair[0]);
	ck_assert_int_eq(write(pair[1], "x", 1), 1);
	ck_assert_int_eq(loop_wait(&idle, EPOLLIN, INT64_MAX), LOOP_READY);
	rest.wake = wake;
	loop_rest(&idle, &rest, INT64_MAX);
	note(*(const char *)argument);
}

START_TEST(ends_a_rest_at_once_if_octets_are_left)
{
	char r = 'r';

	make_pair(pair);
	start(lie_down_late, &r);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_str_eq(events, "wrg");
}
END_TEST

static void
leave_rest(void *argument)
{
	(void)argument;
	loop_unwatch(&idle);
	note('u');
}

START_TEST(forgets_a_rest_with_its_watch)
{
	rest_until(-1, leave_rest);
	ck_assert_str_eq(events, "ru");
}
END_TEST

/* As epoll refuses a file: EPERM. */
static void
wait_for_file(void *argument)
{
	struct loop_watch watched;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	watch(&watched, fd);
	ck_assert_int_eq(loop_wait(&watched, EPOLLIN, INT64_MAX),
	    LOOP_TIMED_OUT);
	loop_unwatch(&watched);
	watch(&idle, fd);
	rest.wake = wake;
	loop_rest(&idle, &rest, INT64_MAX);
	note(*(const char *)argument);
}

START_TEST(ends_waits_for_what_cannot_be_watched)
{
	char r = 'r';

	start(wait_for_file, &r);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_str_eq(events, "wrg");
	ck_assert_int_eq(rest_outcome, LOOP_TIMED_OUT);
}
END_TEST

/* Its number is another descriptor's then. */
static void
reuse_number(void *argument)
{
	struct loop_watch first, second;
	int fd = pair[0];

	(void)argument;
	watch(&first, fd);
	ck_assert_int_eq(loop_wait(&first, EPOLLIN, clock_ms() + 1),
	    LOOP_TIMED_OUT);
	loop_forget(&first);
	close(fd);
	close(pair[1]);
	make_pair(pair);
	ck_assert_int_eq(pair[0], fd);
	watch(&second, fd);
	ck_assert_int_eq(send(pair[1], "x", 1, 0), 1);
	ck_assert_int_eq(loop_wait(&second, EPOLLIN, INT64_MAX), LOOP_READY);
	loop_unwatch(&second);
	/* And once more, by a wait. */
	ck_assert_int_eq(loop_wait(&second, EPOLLOUT, INT64_MAX), LOOP_READY);
	loop_forget(&second);
}

START_TEST(forgets_a_descriptor_that_is_closed)
{
	make_pair(pair);
	start(reuse_number, NULL);
	ck_assert_int_eq(loop_run(loop), 0);
}
END_TEST

START_TEST(trims_until_nothing_is_left)
{
	start(send_octet, NULL);
	make_pair(pair);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert(loop_trim(loop));
	ck_assert(!loop_trim(loop));
}
END_TEST

static void
toil(void *argument)
{
	for (int i = 0; i < 25; i++) {
		note(*(const char *)argument);
		loop_spend(loop, i < 20 ? 10 : 5000);
	}
}

START_TEST(lets_others_run_after_a_number_of_steps_or_octets)
{
	char a = 'a', b = 'b';

	start(toil, &a);
	start(toil, &b);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_str_eq(events,
	    "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbb"
	    "ababababab");
}
END_TEST

static bool is_over;

static void
hog(void *argument)
{
	(void)argument;
	while (!is_over)
		loop_give_way(loop);
}

static void
end_hog(void *argument)
{
	int ms = 1;

	(void)argument;
	begin_ms = clock_ms();
	wait_in_vain(&ms);
	wait_long(NULL);
	is_over = true;
}

START_TEST(takes_events_and_deadlines_beside_a_fiber_that_gives_way)
{
	make_pair(pair);
	start(hog, NULL);
	start(end_hog, NULL);
	start(send_octet, NULL);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert(is_over);
}
END_TEST

START_TEST(makes_no_more_fibers_than_are_permitted)
{
	for (int i = 0; i < 2 * PAIRS; i++)
		start(send_octet, NULL);
	errno = 0;
	ck_assert_int_eq(loop_start(loop, send_octet, NULL), -1);
	ck_assert_int_eq(errno, EAGAIN);
	make_pair(pair);
	ck_assert_int_eq(loop_run(loop), 0);
	start(send_octet, NULL);
	ck_assert_int_eq(loop_run(loop), 0);
}
END_TEST

static int listener;
static int accepted;

static void
accept_three(void *argument)
{
	struct loop_watch watched;

	(void)argument;
	ck_assert_int_eq(loop_watch(loop, &watched, listener, LOOP_LISTENER),
	    0);
	while (accepted < 3) {
		ck_assert_int_eq(loop_wait(&watched, EPOLLIN,
				     clock_ms() + 60000),
		    LOOP_READY);
		/* One a wake: the rest must wake it again. */
		ck_assert_int_ge(accept(listener, NULL, NULL), 0);
		accepted++;
	}
	ck_assert_int_eq(loop_wait(&watched, EPOLLIN, clock_ms() + 1),
	    LOOP_TIMED_OUT);
	loop_unwatch(&watched);
}

static void
listen_at(struct sockaddr_un *address)
{
	socklen_t length = sizeof(*address);

	/* A name of the kernel's choice, in no folder. */
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)address,
			     sizeof(sa_family_t)),
	    0);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)address,
			     &length),
	    0);
	ck_assert_int_eq(listen(listener, 10), 0);
	for (int i = 0; i < 3; i++) {
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);

		ck_assert_int_eq(connect(fd, (struct sockaddr *)address,
				     length),
		    0);
	}
}

START_TEST(accepts_one_connection_a_wake)
{
	struct sockaddr_un address;

	listen_at(&address);
	start(accept_three, NULL);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_int_eq(accepted, 3);
}
END_TEST

static void
add_tests(TCase *tcase)
{
	tcase_add_test(tcase, exchanges_octets_between_many_pairs);
	tcase_add_test(tcase, resumes_a_fiber_whose_descriptor_is_ready);
	tcase_add_test(tcase, ends_waits_at_their_deadlines);
	tcase_add_test(tcase, remembers_that_octets_are_left);
	tcase_add_test(tcase, remembers_the_end_behind_the_last_octets);
	tcase_add_test(tcase, ends_a_wait_by_a_nudge);
	tcase_add_test(tcase, ends_a_wait_by_a_signal);
	tcase_add_test(tcase, hears_of_a_signal_also_without_a_wait);
	tcase_add_test(tcase, ends_a_rest_when_octets_come);
	tcase_add_test(tcase, ends_a_rest_at_its_deadline);
	tcase_add_test(tcase, ends_a_rest_by_a_nudge);
	tcase_add_test(tcase, ends_a_rest_at_once_if_octets_are_left);
	tcase_add_test(tcase, forgets_a_rest_with_its_watch);
	tcase_add_test(tcase, ends_waits_for_what_cannot_be_watched);
	tcase_add_test(tcase, forgets_a_descriptor_that_is_closed);
	tcase_add_test(tcase, trims_until_nothing_is_left);
	tcase_add_test(tcase,
	    lets_others_run_after_a_number_of_steps_or_octets);
	tcase_add_test(tcase,
	    takes_events_and_deadlines_beside_a_fiber_that_gives_way);
	tcase_add_test(tcase, makes_no_more_fibers_than_are_permitted);
	tcase_add_test(tcase, accepts_one_connection_a_wake);
}

int
main(void)
{
	Suite *suite = suite_create("loop");
	TCase *tcase = tcase_create("loop");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	add_tests(tcase);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
