/*
 * load: asks a server on this machine as many clients at once would, checks
 * every answer, and says how long they took. One thread, one request in flight
 * for each connection. See usage for what it prints.
 *
 * What a client does, each step as soon as it is possible:
 *
 *	sending		the request, once connected
 *	receiving	the answer
 *	ending		the answer is whole, the server closes next
 *	finished	there is nothing more to ask
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "answer.h"
#include "base/clock.h"
#include "latency.h"
#include "loopback.h"

#define REQUEST_BYTES 4096

/* A client that hears nothing for so long counts as an error. */
#define PATIENCE_US 60000000

/* Where every request fails it is no use to go on. */
#define ERRORS_MAX 1000

static const char usage[] =
    "usage: load -c CONNECTIONS {-n REQUESTS | -s SECONDS} [-k] [-p PATH]\n"
    "            [-H FIELD]... [-b FILE] [-e STATUS] ADDRESS:PORT\n"
    "\n"
    "  -k         keep connections alive; else each request has a new one\n"
    "  -p PATH    what to ask for (default: /)\n"
    "  -H FIELD   a further field, \"Name: value\"\n"
    "  -b FILE    answers must have the content of this file\n"
    "  -e STATUS  answers must have this status (default: 200)\n"
    "\n"
    "SIGTERM ends the time. ADDRESS is one of this machine's loopback:\n"
    "127.0.0.0/8 or [::1]. Prints a\n"
    "line: requests answered, seconds, rps (requests a second), connections\n"
    "made, latencies in microseconds (p50 p90 p99 max), errors by kind. Exits "
    "1\n"
    "when there was an error, 2 when it does not understand its arguments.\n";

enum failure {
	FAILURE_CONNECT,
	FAILURE_RESET, /* or closed before an answer began */
	FAILURE_SHORT, /* closed within an answer */
	FAILURE_MALFORMED,
	FAILURE_STATUS,
	FAILURE_MISMATCH,
	FAILURE_TIMEOUT,
	FAILURES
};

static const char *const failure_names[] = {
	[FAILURE_CONNECT] = "connect",
	[FAILURE_RESET] = "reset",
	[FAILURE_SHORT] = "short",
	[FAILURE_MALFORMED] = "malformed",
	[FAILURE_STATUS] = "status",
	[FAILURE_MISMATCH] = "mismatch",
	[FAILURE_TIMEOUT] = "timeout",
};

enum step { STEP_SENDING, STEP_RECEIVING, STEP_ENDING, STEP_FINISHED };

struct client {
	int fd;
	enum step step;
	size_t sent;
	int64_t began_us; /* the request, connecting included */
	int64_t heard_us; /* the last sign of life */
	struct answer answer;
};

struct load {
	/* What to do. */
	size_t client_count;
	uint64_t requests; /* UINT64_MAX: until the time is over */
	int64_t duration_us;
	bool keep_alive;
	struct loopback address;
	char request[REQUEST_BYTES];
	size_t request_length;
	struct expectation expected;
	/* What has been done. */
	int epoll;
	struct client *clients;
	size_t finished;
	uint64_t begun;
	uint64_t connections;
	uint64_t failures[FAILURES], failures_total;
	int64_t start_us;
	struct latencies latencies;
};

static volatile sig_atomic_t is_over;

static void
end_time(int signal)
{
	(void)signal;
	is_over = 1;
}

static bool
has_more_to_ask(const struct load *l)
{
	if (is_over || l->begun >= l->requests ||
	    l->failures_total >= ERRORS_MAX)
		return false;
	return l->requests != UINT64_MAX ||
	    clock_us() - l->start_us < l->duration_us;
}

/* False, with the client finished, when there is nothing to ask. */
static bool
begin_request(struct load *l, struct client *c)
{
	if (!has_more_to_ask(l)) {
		if (c->fd >= 0)
			close(c->fd);
		c->fd = -1;
		c->step = STEP_FINISHED;
		l->finished++;
		return false;
	}
	l->begun++;
	c->step = STEP_SENDING;
	c->sent = 0;
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

/* These return true when the next step may be tried at once. */
static bool
send_request(struct load *l, struct client *c)
{
	ssize_t n = send(c->fd, l->request + c->sent,
	    l->request_length - c->sent, MSG_NOSIGNAL);

	if (n < 0) {
		if (errno == EAGAIN)
			return false;
		fail(l, c,
		    errno == EPIPE || errno == ECONNRESET ? FAILURE_RESET :
							    FAILURE_CONNECT);
		return false;
	}
	c->sent += (size_t)n;
	if (c->sent == l->request_length)
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
	while (more && c->step != STEP_FINISHED)
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

		if (c->step != STEP_FINISHED && now - c->heard_us > PATIENCE_US)
			fail(l, c, FAILURE_TIMEOUT);
	}
}

static int
run(struct load *l)
{
	struct epoll_event events[256];
	int64_t looked_us = clock_us();
	size_t i;
	int n, k;

	l->start_us = looked_us;
	for (i = 0; i < l->client_count; i++) {
		l->clients[i].fd = -1;
		connect_client(l, &l->clients[i]);
	}
	while (l->finished < l->client_count) {
		n = epoll_wait(l->epoll, events, 256, 1000);
		if (n < 0 && errno != EINTR)
			return -1;
		for (k = 0; k < n; k++)
			proceed(l, events[k].data.ptr);
		if (clock_us() - looked_us > 1000000) {
			give_up_silent(l);
			looked_us = clock_us();
		}
	}
	return 0;
}

static void
print_result(const struct load *l)
{
	double seconds = (double)(clock_us() - l->start_us) / 1e6;
	const struct latencies *t = &l->latencies;
	int i;

	printf("requests=%llu seconds=%.3f rps=%.0f connections=%llu "
	       "p50=%llu p90=%llu p99=%llu max=%llu errors=%llu",
	    (unsigned long long)t->total, seconds, (double)t->total / seconds,
	    (unsigned long long)l->connections,
	    (unsigned long long)latency_permille(t, 500),
	    (unsigned long long)latency_permille(t, 900),
	    (unsigned long long)latency_permille(t, 990),
	    (unsigned long long)t->max_us,
	    (unsigned long long)l->failures_total);
	for (i = 0; i < FAILURES; i++)
		printf(" %s=%llu", failure_names[i],
		    (unsigned long long)l->failures[i]);
	putchar('\n');
}

static _Noreturn void
fail_usage(const char *what, const char *argument)
{
	fprintf(stderr, "load: %s%s\n%s", what, argument, usage);
	exit(2);
}

static double
number(const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value > 0) || value > 1e9)
		fail_usage("not a number above 0: ", text);
	return value;
}

static void
parse_address(struct load *l, const char *text)
{
	if (!loopback_parse(text, &l->address))
		fail_usage("not an address of the loopback: ", text);
}

static void
map_body(struct load *l, const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	static char nothing[1];
	void *body = nothing;

	if (fd < 0 || fstat(fd, &st) < 0)
		fail_usage("cannot open ", path);
	if (st.st_size > 0)
		body = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE,
		    fd, 0);
	if (body == MAP_FAILED)
		fail_usage("cannot map ", path);
	close(fd);
	l->expected.body = body;
	l->expected.body_length = (uint64_t)st.st_size;
}

static void
write_request(struct load *l, const char *address, const char *path,
    const char *fields)
{
	int n = snprintf(l->request, sizeof(l->request),
	    "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: load\r\n%s%s\r\n", path,
	    address, fields, l->keep_alive ? "" : "Connection: close\r\n");

	if (n < 0 || (size_t)n >= sizeof(l->request))
		fail_usage("the request is too long: ", path);
	l->request_length = (size_t)n;
}

static void
add_field(char *fields, size_t size, const char *field)
{
	size_t used = strlen(fields);
	int n = snprintf(fields + used, size - used, "%s\r\n", field);

	if (n < 0 || (size_t)n >= size - used)
		fail_usage("too many fields: ", field);
}

static void
parse_arguments(struct load *l, int argc, char *argv[])
{
	char fields[REQUEST_BYTES] = "";
	const char *path = "/";
	int option;

	while ((option = getopt(argc, argv, "b:c:e:H:kn:p:s:")) != -1) {
		switch (option) {
		case 'b':
			map_body(l, optarg);
			break;
		case 'c':
			l->client_count = (size_t)number(optarg);
			break;
		case 'e':
			l->expected.status = (int)number(optarg);
			break;
		case 'H':
			add_field(fields, sizeof(fields), optarg);
			break;
		case 'k':
			l->keep_alive = true;
			break;
		case 'n':
			l->requests = (uint64_t)number(optarg);
			break;
		case 'p':
			path = optarg;
			break;
		case 's':
			l->duration_us = (int64_t)(number(optarg) * 1e6);
			break;
		default:
			fail_usage("see the usage", "");
		}
	}
	if (!l->client_count || optind + 1 != argc ||
	    (l->requests == UINT64_MAX) != (l->duration_us > 0))
		fail_usage("-c, one of -n and -s, and an address are needed",
		    "");
	parse_address(l, argv[optind]);
	write_request(l, argv[optind], path, fields);
}

int
main(int argc, char *argv[])
{
	static struct load l = { .requests = UINT64_MAX,
		.expected = { .status = 200, .body_length = UINT64_MAX } };

	parse_arguments(&l, argc, argv);
	signal(SIGTERM, end_time);
	l.clients = calloc(l.client_count, sizeof(l.clients[0]));
	l.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!l.clients || l.epoll < 0 || run(&l) < 0) {
		fprintf(stderr, "load: %s\n", strerror(errno));
		return 1;
	}
	print_result(&l);
	free(l.clients);
	return l.failures_total ? 1 : 0;
}
