/* SPDX-License-Identifier: ISC */
#include "acceptor.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "address.h"
#include "children.h"
#include "clock.h"
#include "configuration.h"
#include "connection.h"
#include "log.h"
#include "peers.h"
#include "rarely.h"
#include "refusal.h"
#include "scoreboard.h"
#include "signals.h"
#include "title.h"

/* After descriptors, memory or processes ran out. */
#define PAUSE_MS	100

/* Connections accepted from one listener before children are reaped again. */
#define BATCH		16

/* An accepted connection that has no process yet. */
struct guest {
	int fd;				/* -1: none */
	struct address client;
	bool counted;			/* by client, under key */
	struct address_key key;
	int64_t until_ms;		/* refused then */
};

struct acceptor {
	struct acceptor_facts facts;
	struct children *children;
	struct peers *peers;
	struct refusals refusals;
	struct guest held;
	bool crowded;			/* some may have waited in the backlog */
	bool listened;			/* to the backlogs, in the last poll set */
	bool stopped;
	int64_t paused_until_ms;
	size_t first;			/* listener whose turn is next */
	size_t polled;			/* refusals in the last poll set */
	struct rarely exhausted, ceiling, client_ceiling;
};

struct acceptor *
acceptor_new(const struct acceptor_facts *facts)
{
	struct acceptor *a = calloc(1, sizeof(*a));
	size_t max = facts->configuration->max_connections;

	if (a) {
		a->facts = *facts;
		a->held.fd = -1;
		a->children = children_new(max);
		a->peers = peers_new(max);
	}
	if (!a || !a->children || !a->peers) {
		log_error("cannot make the tables for %zu connections: %s",
		    max, strerror(errno));
		free(a);
		return NULL;
	}
	return a;
}

size_t
acceptor_count(const struct acceptor *a)
{
	return children_count(a->children);
}

/*
 * A descriptor that stays in the generation while others are forked goes where
 * no connection keeps it.
 */
static int
make_private(const struct acceptor *a, int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, a->facts.private_base);

	close(fd);
	return moved;
}

static void
refuse(struct acceptor *a, int fd)
{
	fd = make_private(a, fd);
	scoreboard_count_refused(a->facts.scoreboard);
	if (fd >= 0)
		refusal_send(&a->refusals, fd, clock_ms());
}

static void
pause_accepting(struct acceptor *a, const char *what)
{
	a->paused_until_ms = clock_ms() + PAUSE_MS;
	a->crowded = true;
	if (rarely_now(&a->exhausted))
		log_error("%s: %s; trying again every %d ms", what,
		    strerror(errno), PAUSE_MS);
}

/* The connection's process. */
static _Noreturn void
become_connection(const struct acceptor *a, const struct guest *g, size_t slot,
    struct scoreboard_page *page)
{
	struct door door = {
		.in = g->fd,
		.out = g->fd,
		.client = g->client,
		.lifeline = a->facts.lifeline,
		.access_log = a->facts.access_log,
		.page = page,
	};
	char client[ADDRESS_TEXT_BYTES];
	enum connection_end end;

	scoreboard_keep_own(a->facts.scoreboard, slot);
	close_range((unsigned)a->facts.private_base, ~0U, 0);
	signals_reset();
	address_format(&g->client, client);
	snprintf(page->client, sizeof(page->client), "%.63s", client);
	title_set(client);
	page->since = time(NULL);
	log_debug("fork() = 0: connection of %s", client);
	door.server.length = sizeof(door.server.storage);
	if (getsockname(g->fd, (struct sockaddr *)&door.server.storage,
	    &door.server.length) < 0)
		door.server.length = 0;
	end = connection_run(&door, a->facts.configuration);
	log_debug("_exit(%d)", (int)end);
	_exit((int)end);
}

/* Gives the guest its process; false when there is none to be had. */
static bool
serve(struct acceptor *a, const struct guest *g)
{
	size_t slot = children_next_slot(a->children);
	struct scoreboard_page *page = scoreboard_begin(a->facts.scoreboard,
	    slot);
	struct child *child;
	pid_t pid = fork();

	if (pid == 0)
		become_connection(a, g, slot, page);
	if (pid < 0) {
		pause_accepting(a, "cannot fork a process for a connection");
		scoreboard_end(a->facts.scoreboard, slot, false);
		return false;
	}
	log_debug("fork() = %ld", (long)pid);
	page->pid = (uint64_t)pid;
	scoreboard_count_connection(a->facts.scoreboard);
	child = children_add(a->children, pid);
	child->client = g->client;
	child->counted = g->counted;
	child->client_key = g->key;
	if (g->counted)
		peers_add(a->peers, g->key);
	close(g->fd);
	return true;
}

/* Trusted proxies speak for many clients, so they have no ceiling. */
static void
identify(const struct acceptor *a, struct guest *g)
{
	const struct configuration *c = a->facts.configuration;

	g->counted = c->max_connections_per_client > 0 &&
	    !prefix_any_contains(c->trusted_proxies, c->trusted_proxy_count,
	    &g->client);
	if (g->counted)
		g->key = address_client_key(&g->client);
}

static bool
over_client_ceiling(struct acceptor *a, const struct guest *g)
{
	size_t max = a->facts.configuration->max_connections_per_client;
	char text[ADDRESS_TEXT_BYTES];

	if (!g->counted || peers_count(a->peers, g->key) < max)
		return false;
	if (rarely_now(&a->client_ceiling)) {
		log_warning("refused %s: it has max_connections_per_client = "
		    "%zu connections already",
		    address_format(&g->client, text), max);
	}
	return true;
}

/*
 * How long the connection has waited in the backlog: since its last octet or,
 * when it sent none, since the handshake. Unknown, and taken as 0, for sockets
 * other than TCP's.
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
hold(struct acceptor *a, struct guest *g)
{
	int fd = fcntl(g->fd, F_DUPFD_CLOEXEC, a->facts.private_base);

	/* No number is free up there: nobody is forked before this one. */
	if (fd >= 0) {
		close(g->fd);
		g->fd = fd;
	}
	a->held = *g;
	a->crowded = true;
}

/* Refuses the guest, gives it a process, or holds it. */
static void
receive(struct acceptor *a, struct guest *g)
{
	int64_t timeout_ms = a->facts.configuration->queue_timeout_ms;
	int64_t waited = a->crowded ? waited_ms(g->fd) : 0;

	if (waited >= timeout_ms || over_client_ceiling(a, g)) {
		refuse(a, g->fd);
		return;
	}
	g->until_ms = clock_ms() + timeout_ms - waited;
	if (children_full(a->children)) {
		if (rarely_now(&a->ceiling))
			log_warning("max_connections = %zu are being served; "
			    "more wait for up to %lld ms",
			    children_count(a->children),
			    (long long)timeout_ms);
		hold(a, g);
	} else if (!serve(a, g)) {
		hold(a, g);
	}
}

/* Which errors of accept mean that there is too little of something. */
static bool
is_exhaustion(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	    error == ENOMEM;
}

/* The next connection of that listener; false when there is none now. Errors
 * that belong to a single connection (accept(2)) are passed over. */
static bool
accept_guest(struct acceptor *a, int listener, struct guest *g)
{
	int tries;

	for (tries = 0; tries < BATCH; tries++) {
		g->client.length = sizeof(g->client.storage);
		g->fd = accept4(listener, (struct sockaddr *)&g->client.storage,
		    &g->client.length, SOCK_CLOEXEC);
		if (g->fd >= 0) {
			identify(a, g);
			log_debug("accept4(%d) = %d", listener, g->fd);
			return true;
		}
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
	return !a->stopped && a->held.fd < 0 &&
	    a->paused_until_ms <= clock_ms();
}

static void
accept_from(struct acceptor *a, int listener)
{
	struct guest g;
	int n;

	for (n = 0; n < BATCH && may_accept(a); n++) {
		if (!accept_guest(a, listener, &g))
			return;
		receive(a, &g);
	}
}

/* To below private_base again, for its process to keep. */
static bool
make_common(struct acceptor *a, struct guest *g)
{
	int fd;

	if (g->fd < a->facts.private_base)
		return true;
	fd = fcntl(g->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0) {
		pause_accepting(a, "cannot duplicate a descriptor");
		return false;
	}
	close(g->fd);
	g->fd = fd;
	return true;
}

/* Serves the held guest when there is room again, refuses it when its time is
 * over. */
static void
look_after_held(struct acceptor *a)
{
	struct guest g = a->held;

	if (g.fd < 0)
		return;
	if (g.until_ms <= clock_ms()) {
		a->held.fd = -1;
		refuse(a, g.fd);
	} else if (!children_full(a->children) &&
	    a->paused_until_ms <= clock_ms()) {
		if (!make_common(a, &g))
			return;
		a->held.fd = -1;
		if (!serve(a, &g))
			hold(a, &g);
	}
}

size_t
acceptor_poll_max(const struct acceptor *a)
{
	return a->facts.listener_count + REFUSAL_MAX;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
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
	a->polled = refusal_poll_set(&a->refusals, fds + n);
	*until_ms = refusal_next_ms(&a->refusals);
	if (a->held.fd >= 0)
		*until_ms = earlier(*until_ms, a->held.until_ms);
	if (a->paused_until_ms > clock_ms())
		*until_ms = earlier(*until_ms, a->paused_until_ms);
	return n + a->polled;
}

void
acceptor_polled(struct acceptor *a, const struct pollfd *fds)
{
	size_t i, n = a->facts.listener_count, ready = 0;

	if (a->polled)
		refusal_polled(&a->refusals, fds + n, clock_ms());
	look_after_held(a);
	for (i = 0; i < n; i++) {
		size_t turn = (a->first + i) % n;

		if (fds[turn].revents && ++ready)
			accept_from(a, a->facts.listeners[turn]);
	}
	a->first++;
	/* The backlogs were empty, so whoever comes now has not waited. */
	if (!ready && a->listened)
		a->crowded = false;
}

/* Says how a process ended when it was not by its own exit. */
static bool
log_crash(const struct child *child, int status)
{
	char client[ADDRESS_TEXT_BYTES];

	if (!WIFSIGNALED(status) || child->killed)
		return false;
	log_error("connection process %ld of %s was ended by signal %d (%s)",
	    (long)child->pid, address_format(&child->client, client),
	    WTERMSIG(status), strsignal(WTERMSIG(status)));
	return true;
}

void
acceptor_reap(struct acceptor *a)
{
	struct child *child;
	size_t slot;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		child = children_find(a->children, pid, &slot);
		if (!child)
			continue;
		log_debug("waitpid() = %ld, status 0x%04x", (long)pid,
		    (unsigned)status);
		scoreboard_end(a->facts.scoreboard, slot,
		    log_crash(child, status));
		if (child->counted)
			peers_remove(a->peers, child->client_key);
		children_remove(a->children, pid);
	}
	look_after_held(a);
}

void
acceptor_stop(struct acceptor *a)
{
	size_t i;

	a->stopped = true;
	for (i = 0; i < a->facts.listener_count; i++)
		close(a->facts.listeners[i]);
	a->facts.listener_count = 0;
	if (a->held.fd >= 0)
		refuse(a, a->held.fd);
	a->held.fd = -1;
}

size_t
acceptor_kill(struct acceptor *a)
{
	return children_kill(a->children);
}
