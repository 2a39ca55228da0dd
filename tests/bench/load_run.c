/*
 * The clients of a load: one thread, one request in flight for each connection.
 *
 * What a client does, each step as soon as it is possible:
 *
 *	sending		the request, once connected
 *	receiving	the answer
 *	ending		the answer is whole, the server closes next
 *	waiting		for the others to be connected, too
 *	finished	there is nothing more to ask
 *
 * SPDX-License-Identifier: ISC
 */
#include "load.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

/* A client that hears nothing for so long counts as an error. */
#define PATIENCE_US 60000000

/* Of a connection that is to be open before the time begins: a process that is
 * new has pages to fault in at its second request still. */
#define OPENING_REQUESTS 4

enum step {
	STEP_SENDING,
	STEP_RECEIVING,
	STEP_ENDING,
	STEP_WAITING,
	STEP_FINISHED
};

struct client {
	int fd;
	enum step step;
	const struct request *request;
	unsigned answers; /* on this connection, up to OPENING_REQUESTS */
	uint64_t sent;	  /* of head and content */
	int64_t began_us; /* the request, connecting included */
	int64_t heard_us; /* the last sign of life */
	struct answer answer;
};

static volatile sig_atomic_t is_over;

void
load_end_time(int signal)
{
	(void)signal;
	is_over = 1;
}

static bool
has_more_to_ask(const struct load *l)
{
	if (is_over || l->failures_total >= l->failures_max)
		return false;
	if (l->is_opening)
		return true;
	if (l->requests != UINT64_MAX)
		return l->begun < l->requests;
	return clock_us() - l->start_us < l->duration_us;
}

/* False, with the client finished, when there is nothing to ask. */
static bool
begin_request(struct load *l, struct client *c)
{
	if (!has_more_to_ask(l)) {
		if (c->fd >= 0 && l->opened_fd < 0)
			close(c->fd);
		c->fd = -1;
		c->step = STEP_FINISHED;
		l->finished++;
		return false;
	}
	c->step = STEP_SENDING;
	c->sent = 0;
	c->request = &l->heads[l->begun++ % l->head_count];
	c->began_us = c->heard_us = clock_us();
	answer_begin(&c->answer);
	return true;
}

static void
count_failure(struct load *l, enum failure failure)
{
	l->failures[failure]++;
	l->failures_total++;
}

/* Watched once for everything, edge by edge: every step goes on until the
 * kernel has nothing more to give or take. */
static bool
watch(const struct load *l, struct client *c)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
		.data.ptr = c,
	};

	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &event) == 0;
}

/* A new connection for the next request, until one is under way. */
static void
connect_client(struct load *l, struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->answers = 0;
	while (begin_request(l, c)) {
		c->fd = loopback_connect(&l->address, 0);
		if (c->fd >= 0 && watch(l, c)) {
			l->connections++;
			return;
		}
		if (c->fd >= 0)
			close(c->fd);
		c->fd = -1;
		count_failure(l, FAILURE_CONNECT);
	}
}

static void
fail(struct load *l, struct client *c, enum failure failure)
{
	count_failure(l, failure);
	connect_client(l, c);
}

/* The next octets of the head, or of the content after it, which is zeros. */
static ssize_t
send_next(const struct load *l, const struct client *c)
{
	static const char zeros[65536];
	size_t head = c->request->length;
	uint64_t left = head + l->upload_bytes - c->sent;

	if (c->sent < head)
		return send(c->fd, c->request->head + c->sent, head - c->sent,
		    MSG_NOSIGNAL | (l->upload_bytes ? MSG_MORE : 0));
	return send(c->fd, zeros,
	    left < sizeof(zeros) ? (size_t)left : sizeof(zeros), MSG_NOSIGNAL);
}

/* These return true when the next step may be tried at once. */
static bool
send_request(struct load *l, struct client *c)
{
	ssize_t n = send_next(l, c);

	if (n < 0) {
		if (errno == EAGAIN)
			return false;
		fail(l, c,
		    errno == EPIPE || errno == ECONNRESET ? FAILURE_RESET :
							    FAILURE_CONNECT);
		return false;
	}
	c->sent += (uint64_t)n;
	if (c->sent == c->request->length + l->upload_bytes)
		c->step = STEP_RECEIVING;
	return true;
}

static bool
answered(struct load *l, struct client *c)
{
	latency_count(&l->latencies, (uint64_t)(clock_us() - c->began_us));
	if (!l->keep_alive || c->answer.close) {
		c->step = STEP_ENDING;
		return true;
	}
	if (l->is_opening && ++c->answers >= OPENING_REQUESTS) {
		c->step = STEP_WAITING;
		l->waiting++;
		return false;
	}
	return begin_request(l, c);
}

static bool
received(struct load *l, struct client *c, const char *data, size_t length)
{
	switch (answer_take(&c->answer, data, length, &l->expected)) {
	case ANSWER_INCOMPLETE:
		return true;
	case ANSWER_COMPLETE:
		return answered(l, c);
	case ANSWER_WRONG_STATUS:
		fail(l, c, FAILURE_STATUS);
		return false;
	case ANSWER_MISMATCH:
		fail(l, c, FAILURE_MISMATCH);
		return false;
	case ANSWER_MALFORMED:
	default:
		fail(l, c, FAILURE_MALFORMED);
		return false;
	}
}

static bool
receive(struct load *l, struct client *c)
{
	static char buffer[65536];
	ssize_t n = recv(c->fd, buffer, sizeof(buffer), 0);

	if (n < 0 && errno == EAGAIN)
		return false;
	if (c->step == STEP_ENDING) {
		/* It was a whole answer: only more of it, or a reset that the
		 * client could have seen instead, is wrong now. */
		if (n == 0)
			connect_client(l, c);
		else
			fail(l, c, n < 0 ? FAILURE_RESET : FAILURE_MALFORMED);
		return false;
	}
	if (n > 0)
		return received(l, c, buffer, (size_t)n);
	fail(l, c, c->answer.head_length ? FAILURE_SHORT : FAILURE_RESET);
	return false;
}

static void
proceed(struct load *l, struct client *c)
{
	bool more = true;

	c->heard_us = clock_us();
	while (more && c->step != STEP_WAITING && c->step != STEP_FINISHED)
		more = c->step == STEP_SENDING ? send_request(l, c) :
						 receive(l, c);
}

static void
give_up_silent(struct load *l)
{
	int64_t now = clock_us();
	size_t i;

	for (i = 0; i < l->client_count; i++) {
		struct client *c = &l->clients[i];

		if (c->step != STEP_WAITING && c->step != STEP_FINISHED &&
		    now - c->heard_us > PATIENCE_US)
			fail(l, c, FAILURE_TIMEOUT);
	}
}

static int
serve_events(struct load *l)
{
	struct epoll_event events[256];
	int n = epoll_wait(l->epoll, events, 256, 1000);
	int k;

	if (n < 0)
		return errno == EINTR ? 0 : -1;
	for (k = 0; k < n; k++)
		proceed(l, events[k].data.ptr);
	return 0;
}

static int
serve_all(struct load *l)
{
	int64_t looked_us = clock_us();

	while (l->finished + l->waiting < l->client_count) {
		if (serve_events(l) < 0)
			return -1;
		if (clock_us() - looked_us > 1000000) {
			give_up_silent(l);
			looked_us = clock_us();
		}
	}
	return 0;
}

static void
connect_clients(struct load *l)
{
	size_t i;

	for (i = 0; i < l->client_count; i++) {
		l->clients[i].fd = -1;
		connect_client(l, &l->clients[i]);
	}
}

/* Says that this is done, and waits for an octet or the end of them. */
static int
meet(const struct load *l, int fd)
{
	char octet = 0;
	ssize_t n;

	if (write(l->opened_fd, &octet, 1) != 1)
		return -1;
	do
		n = read(fd, &octet, 1);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -1 : 0;
}

/* Every client has a connection then, whatever that has cost. */
static int
open_connections(struct load *l)
{
	l->is_opening = true;
	connect_clients(l);
	if (serve_all(l) < 0 || meet(l, l->go_fd) < 0)
		return -1;
	l->is_opening = false;
	l->waiting = 0;
	l->latencies = (struct latencies){ .total = 0 };
	l->begun = 0;
	return 0;
}

static void
proceed_all(struct load *l)
{
	size_t i;

	for (i = 0; i < l->client_count; i++) {
		struct client *c = &l->clients[i];

		if (c->step == STEP_WAITING && begin_request(l, c))
			proceed(l, c);
	}
}

static int
run_clients(struct load *l)
{
	if (l->opened_fd >= 0 && open_connections(l) < 0)
		return -1;
	l->start_us = clock_us();
	if (l->opened_fd >= 0)
		proceed_all(l);
	else
		connect_clients(l);
	if (serve_all(l) < 0)
		return -1;
	l->end_us = clock_us();
	return l->opened_fd >= 0 ? meet(l, l->end_fd) : 0;
}

int
load_run(struct load *l)
{
	int result = -1;

	l->clients = calloc(l->client_count, sizeof(l->clients[0]));
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->clients && l->epoll >= 0)
		result = run_clients(l);
	if (l->epoll >= 0)
		close(l->epoll);
	free(l->clients);
	l->clients = NULL;
	return result;
}

void
load_add(struct load *sum, const struct load *other)
{
	unsigned i;

	for (i = 0; i < LATENCY_CLASSES; i++)
		sum->latencies.counts[i] += other->latencies.counts[i];
	sum->latencies.total += other->latencies.total;
	if (other->latencies.max_us > sum->latencies.max_us)
		sum->latencies.max_us = other->latencies.max_us;
	for (i = 0; i < FAILURES; i++)
		sum->failures[i] += other->failures[i];
	sum->failures_total += other->failures_total;
	sum->connections += other->connections;
	if (!sum->start_us || other->start_us < sum->start_us)
		sum->start_us = other->start_us;
	if (other->end_us > sum->end_us)
		sum->end_us = other->end_us;
}
