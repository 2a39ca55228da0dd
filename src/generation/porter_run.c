/*
 * The porter's own process. Its loop waits for orders and for sending ends that
 * close; it does not read the queues.
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <search.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/fdpass.h"
#include "connection/handoff.h"
#include "generation/porter_messages.h"

/* A queue that is neither claimed nor dropped: the message was lost, or the next
 * process has ended before it claimed. */
#define UNCLAIMED_MS 60000

/* A signal ends the wait of a close for a slow client (SO_LINGER). */
#define EMPTYING_SECONDS 5

/* Events that are taken at a time. */
#define EVENTS 64

struct kept {
	uint64_t number;
	int fd;
	int64_t until_ms;   /* its queue is emptied then; 0: still in use */
	struct kept *older; /* in the list of those that ended */
};

struct state {
	int socket, epoll;
	void *kept; /* tree of struct kept, by number (tsearch(3)) */
	struct kept *ended;
};

static int
compare(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static struct kept *
find(const struct state *s, uint64_t number)
{
	const struct kept wanted = { .number = number };
	struct kept **found = tfind(&wanted, &s->kept, compare);

	return found ? *found : NULL;
}

/* Forgets the end, and closes it. Another process may have it, too, so the close
 * alone would not end the events. */
static void
drop(struct state *s, struct kept *k)
{
	struct kept **link = &s->ended;

	while (*link && *link != k)
		link = &(*link)->older;
	if (*link)
		*link = k->older;
	tdelete(k, &s->kept, compare);
	epoll_ctl(s->epoll, EPOLL_CTL_DEL, k->fd, NULL);
	descriptor_close(k->fd);
	free(k);
}

static void
keep(struct state *s, uint64_t number, int fd)
{
	struct kept *k = calloc(1, sizeof(*k));
	/* Reports the end of the other side alone, once. */
	struct epoll_event event = { .events = EPOLLET, .data.ptr = k };

	if (k) {
		k->number = number;
		k->fd = fd;
		if (tsearch(k, &s->kept, compare)) {
			if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &event) == 0)
				return;
			tdelete(k, &s->kept, compare);
		}
		free(k);
	}
	descriptor_close(fd);
}

/* A message on a stream has one octet at least, whatever comes with it. */
static bool
is_empty(const struct kept *k)
{
	int octets = 0;

	return ioctl(k->fd, FIONREAD, &octets) == 0 && octets == 0;
}

/* The other side has ended, or can send no more. */
static void
note_end(struct state *s, struct kept *k)
{
	if (k->until_ms != 0)
		return;
	if (is_empty(k)) {
		drop(s, k);
		return;
	}
	k->until_ms = clock_ms() + UNCLAIMED_MS;
	k->older = s->ended;
	s->ended = k;
}

/* In a process of its own, which may wait for ever in a close. */
static void
empty(struct state *s, struct kept *k)
{
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGALRM, SIG_DFL);
		alarm(EMPTYING_SECONDS);
		handoff_drain(k->fd);
		_exit(0);
	}
	if (pid > 0)
		drop(s, k);
	else if (k->until_ms != 0)
		k->until_ms = clock_ms() + UNCLAIMED_MS;
}

/*
 * Gives the end away. The receiver has it before this process closes it, in its
 * table or in the queue of its own socket. When there are too many descriptors
 * in flight, those of this queue may be the cause.
 */
static void
hand_out(struct state *s, uint64_t number, int receiver)
{
	struct kept *k = find(s, number);
	char octet = 0;
	const struct iovec iov = { &octet, 1 };

	if (k) {
		if (fdpass_send(receiver, &iov, 1, &k->fd, 1, MSG_DONTWAIT) < 0)
			empty(s, k);
		else
			drop(s, k);
	}
	descriptor_close(receiver);
}

static void
drop_number(struct state *s, uint64_t number)
{
	struct kept *k = find(s, number);

	if (!k)
		return;
	if (is_empty(k))
		drop(s, k);
	else
		empty(s, k);
}

static void
obey(struct state *s, const struct porter_message *message, int fd)
{
	if (message->order == PORTER_DROP)
		drop_number(s, message->number);
	else if (fd < 0)
		return; /* descriptors ran out */
	else if (message->order == PORTER_CLAIM)
		hand_out(s, message->number, fd);
	else
		keep(s, message->number, fd);
}

/* False when there are no orders to come. */
static bool
take_orders(struct state *s)
{
	struct porter_message message;
	int fds[FDPASS_MAX];
	ssize_t n;

	for (;;) {
		n = fdpass_receive(s->socket, &message, sizeof(message), fds,
		    MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return false;
		if (n < 0)
			return true;
		obey(s, &message, fds[0]);
	}
}

static void
empty_overdue(struct state *s)
{
	int64_t now_ms = clock_ms();
	struct kept *k = s->ended, *older;

	for (; k; k = older) {
		older = k->older;
		if (k->until_ms <= now_ms)
			empty(s, k);
	}
}

static bool
open_state(struct state *s, int socket)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	/* Processes that empty queues are not waited for. */
	signal(SIGCHLD, SIG_IGN);
	*s = (struct state){ .socket = socket,
		.epoll = epoll_create1(EPOLL_CLOEXEC) };
	return s->epoll >= 0 &&
	    epoll_ctl(s->epoll, EPOLL_CTL_ADD, socket, &event) == 0;
}

/* Ends of connections come before orders: an order may free what an event
 * points to. */
static bool
handle(struct state *s, const struct epoll_event *events, int count)
{
	bool has_orders = false;
	int i;

	for (i = 0; i < count; i++) {
		if (events[i].data.ptr)
			note_end(s, events[i].data.ptr);
		else
			has_orders = true;
	}
	return !has_orders || take_orders(s);
}

void
porter_run(int socket)
{
	struct epoll_event events[EVENTS];
	struct state s;
	bool goes_on = open_state(&s, socket);
	int n;

	while (goes_on) {
		n = epoll_wait(s.epoll, events, EVENTS, s.ended ? 1000 : -1);
		goes_on = n < 0 ? errno == EINTR : handle(&s, events, n);
		empty_overdue(&s);
	}
	_exit(0);
}
