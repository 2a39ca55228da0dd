/* SPDX-License-Identifier: ISC */
#include "generation/acceptor.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/dontfork.h"
#include "base/log.h"
#include "base/ratelimit.h"
#include "base/scoreboard.h"
#include "config/configuration.h"
#include "generation/guest.h"
#include "generation/processes.h"
#include "generation/reject.h"

/* The pause after descriptors, memory or processes ran out. */
#define PAUSE_MS 100

/* Connections accepted from one listener before children are reaped again. */
#define BATCH 16

struct acceptor {
	struct acceptor_facts facts;
	struct processes *processes;
	struct rejects rejects;
	struct guest held;
	int64_t held_until_ms;
	bool crowded;  /* connections may have waited in the backlog */
	bool listened; /* the last poll set had the listeners */
	bool stopped;
	bool draining; /* a listener with an empty backlog is closed */
	int64_t paused_until_ms;
	size_t first;  /* index of the listener whose turn is next */
	size_t polled; /* number of rejects in the last poll set */
	struct ratelimit exhausted, ceiling, client_ceiling;
};

struct acceptor *
acceptor_new(const struct acceptor_facts *facts)
{
	struct acceptor *a = dontfork_alloc(sizeof(*a));

	if (!a) {
		log_error("cannot make the acceptor: %s", strerror(errno));
		return NULL;
	}
	a->facts = *facts;
	a->held.arguments.in = -1;
	return a;
}

static void
refuse(struct acceptor *a, int fd)
{
	fd = processes_make_private(a->facts.processes, fd);
	scoreboard_count_refused(a->facts.scoreboard);
	if (fd >= 0)
		reject_send(&a->rejects, fd, clock_ms());
}

static void
pause_accepting(struct acceptor *a, const char *what)
{
	a->paused_until_ms = clock_ms() + PAUSE_MS;
	a->crowded = true;
	if (ratelimit_allows(&a->exhausted))
		log_error("%s: %s; trying again every %d ms", what,
		    strerror(errno), PAUSE_MS);
}

/* Forks a process for the connection; false when that failed. */
static bool
serve(struct acceptor *a, struct guest *g)
{
	if (processes_start(a->facts.processes, g))
		return true;
	pause_accepting(a, "cannot fork a process for a connection");
	return false;
}

static bool
over_client_ceiling(struct acceptor *a, const struct guest *g)
{
	char text[ADDRESS_TEXT_BYTES];

	if (!processes_client_full(a->facts.processes, &g->peer))
		return false;
	if (ratelimit_allows(&a->client_ceiling))
		log_warning("refused %s: it has max_connections_per_client = "
			    "%zu connections already",
		    address_format(&g->peer, text),
		    a->facts.configuration->max_connections_per_client);
	return true;
}

/*
 * The time that a connection has waited in the backlog: since its last octet
 * or, when the client sent none, since the handshake. 0 for sockets other than
 * TCP's, where the time is unknown.
 */
static int64_t
waited_ms(int fd)
{
	struct tcp_info info;
	socklen_t length = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) < 0)
		return 0;
	return info.tcpi_last_data_recv;
}

static void
hold(struct acceptor *a, struct guest *g, int64_t until_ms)
{
	int fd = fcntl(g->arguments.in, F_DUPFD_CLOEXEC, a->facts.private_base);

	/* When no private number is free, the descriptor may stay: no other
	 * connection is forked before the held one. */
	if (fd >= 0) {
		close(g->arguments.in);
		g->arguments.in = g->arguments.out = fd;
	}
	a->held = *g;
	a->held_until_ms = until_ms;
	a->crowded = true;
}

static void
log_ceiling(struct acceptor *a)
{
	const struct configuration *c = a->facts.configuration;

	if (ratelimit_allows(&a->ceiling))
		log_warning("max_connections = %zu are being served; more "
			    "wait for up to %lld ms",
		    c->max_connections, (long long)c->queue_timeout_ms);
}

/* Refuses the connection, forks a process for it, or holds it. */
static void
receive(struct acceptor *a, struct guest *g)
{
	int64_t timeout_ms = a->facts.configuration->queue_timeout_ms;
	int64_t waited = a->crowded ? waited_ms(g->arguments.in) : 0;
	int64_t until_ms = clock_ms() + timeout_ms - waited;

	if (waited >= timeout_ms || over_client_ceiling(a, g) ||
	    processes_refuse_client(a->facts.processes, g->arguments.key)) {
		refuse(a, g->arguments.in);
	} else if (processes_full(a->facts.processes)) {
		log_ceiling(a);
		hold(a, g, until_ms);
	} else if (!serve(a, g)) {
		hold(a, g, until_ms);
	}
}

/* Whether accept failed because descriptors or memory ran out. */
static bool
is_exhaustion(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	    error == ENOMEM;
}

/* Accepts the next connection of that listener; false when there is none now.
 * Errors that belong to a single connection (accept(2)) are passed over. */
static bool
accept_next(struct acceptor *a, int listener, struct guest *g)
{
	int tries;

	for (tries = 0; tries < BATCH; tries++) {
		if (guest_accept(g, listener) == 0)
			return true;
		if (errno == EAGAIN)
			return false;
		if (is_exhaustion(errno)) {
			pause_accepting(a, "cannot accept a connection");
			return false;
		}
	}
	return false;
}

static bool
may_accept(const struct acceptor *a)
{
	return !a->stopped && a->held.arguments.in < 0 &&
	    a->paused_until_ms <= clock_ms();
}

static void
accept_from(struct acceptor *a, int listener)
{
	int n;

	for (n = 0; n < BATCH && may_accept(a); n++) {
		struct guest g;

		if (!accept_next(a, listener, &g))
			return;
		receive(a, &g);
	}
}

/* Serves the held connection when there is room again, and refuses it when its
 * time is over. */
static void
look_after_held(struct acceptor *a)
{
	struct guest g = a->held;

	if (g.arguments.in < 0)
		return;
	if (a->held_until_ms <= clock_ms()) {
		a->held.arguments.in = -1;
		refuse(a, g.arguments.in);
	} else if (!processes_full(a->facts.processes) &&
	    a->paused_until_ms <= clock_ms()) {
		a->held.arguments.in = -1;
		if (!serve(a, &g))
			hold(a, &g, a->held_until_ms);
	}
}

size_t
acceptor_poll_max(const struct acceptor *a)
{
	return a->facts.listener_count + REJECT_MAX;
}

size_t
acceptor_poll_set(struct acceptor *a, struct pollfd *fds, int64_t *until_ms)
{
	size_t i, n = a->facts.listener_count;

	a->listened = may_accept(a);
	for (i = 0; i < n; i++)
		fds[i] = (struct pollfd){
			.fd = a->listened ? a->facts.listeners[i] : -1,
			.events = POLLIN,
		};
	a->polled = reject_poll_set(&a->rejects, fds + n);
	*until_ms = reject_next_ms(&a->rejects);
	if (a->held.arguments.in >= 0)
		*until_ms = clock_earlier(*until_ms, a->held_until_ms);
	/* Later connections are not waited for: see close_quiet. */
	if (a->draining && a->listened && n > 0)
		*until_ms = 0;
	if (a->paused_until_ms > clock_ms())
		*until_ms = clock_earlier(*until_ms, a->paused_until_ms);
	return n + a->polled;
}

/* Closes the listeners whose backlogs were empty at the last poll. */
static void
close_quiet(struct acceptor *a, const struct pollfd *fds)
{
	size_t i, n = a->facts.listener_count, kept = 0;

	for (i = 0; i < n; i++) {
		if (fds[i].revents)
			a->facts.listeners[kept++] = a->facts.listeners[i];
		else
			close(a->facts.listeners[i]);
	}
	a->facts.listener_count = kept;
}

void
acceptor_polled(struct acceptor *a, const struct pollfd *fds)
{
	size_t i, n = a->facts.listener_count, ready = 0;

	if (a->polled)
		reject_polled(&a->rejects, fds + n, clock_ms());
	look_after_held(a);
	for (i = 0; i < n; i++) {
		size_t turn = (a->first + i) % n;

		if (fds[turn].revents && ++ready)
			accept_from(a, a->facts.listeners[turn]);
	}
	a->first++;
	if (a->draining && a->listened)
		close_quiet(a, fds);
	/* The backlogs were empty, so the next connection has not waited. */
	if (!ready && a->listened)
		a->crowded = false;
}

static bool
is_in(const size_t *numbers, size_t count, size_t wanted)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (numbers[i] == wanted)
			return true;
	return false;
}

void
acceptor_drain(struct acceptor *a, const size_t *ending, size_t count)
{
	int *listeners = a->facts.listeners;
	size_t i, kept = 0;

	a->draining = true;
	for (i = 0; i < a->facts.listener_count; i++) {
		if (is_in(ending, count, i))
			listeners[kept++] = listeners[i];
		else
			close(listeners[i]);
	}
	a->facts.listener_count = kept;
}

bool
acceptor_is_idle(const struct acceptor *a)
{
	return a->held.arguments.in < 0 &&
	    (a->stopped || a->facts.listener_count == 0);
}

void
acceptor_stop(struct acceptor *a)
{
	acceptor_drain(a, NULL, 0);
	a->stopped = true;
	if (a->held.arguments.in >= 0)
		refuse(a, a->held.arguments.in);
	a->held.arguments.in = -1;
}
