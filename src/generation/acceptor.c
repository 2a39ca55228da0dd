/* SPDX-License-Identifier: ISC */
#include "generation/acceptor.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/dontfork.h"
#include "base/log.h"
#include "base/ratelimit.h"
#include "base/refused.h"
#include "base/scoreboard.h"
#include "config/configuration.h"
#include "connection/access.h"
#include "connection/reject.h"
#include "generation/crowd.h"
#include "generation/guest.h"
#include "generation/processes.h"
#include "generation/queue.h"
#include "generation/status_listener.h"

/* After descriptors, memory or processes ran out. */
#define PAUSE_MS 100
/* Connections accepted from one listener before children are reaped again. */
#define BATCH 16

/* The pause after nobody was found who could make room for one who waits. */
#define SEARCH_MS 50

struct acceptor {
	struct acceptor_facts facts;
	struct processes *processes;
	int status; /* the listener of status_listen; -1: none */
	struct rejects rejects;
	struct queue queue;
	int64_t search_ms; /* not before: see make_room_for_first */
	bool crowded;	   /* connections may have waited in the backlog */
	bool leaves;	   /* workers accept */
	bool listened;	   /* the last poll set had the listeners */
	bool stopped;
	bool draining; /* a listener with an empty backlog is closed */
	int64_t linger_until_ms; /* not before */
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
	a->status = status_listener(facts->configuration, facts->listeners,
	    facts->listener_count);
	a->queue.crowd = processes_crowd(facts->processes);
	return a;
}

static void
refuse(struct acceptor *a, const struct guest *g, enum refusal refusal)
{
	int fd = processes_make_private(a->facts.processes, g->arguments.in);
	uint64_t bytes = 0;

	scoreboard_count_refused(a->facts.scoreboard, refusal);
	if (fd >= 0)
		bytes = reject_send(&a->rejects, fd, reject_reason_of(refusal),
		    clock_ms());
	access_refuse(processes_access(a->facts.processes), &g->peer, bytes);
}

static void
pause_accepting(struct acceptor *a, const char *what)
{
	a->paused_until_ms = clock_ms() + PAUSE_MS;
	a->crowded = true;
	if (ratelimit_allows(&a->exhausted))
		log_error("%s: %s; trying again every %d ms%s", what,
		    strerror(errno), PAUSE_MS, refused_hint(errno));
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

static enum crowd_verdict
judge(struct acceptor *a, const struct guest *g)
{
	return crowd_judge(processes_crowd(a->facts.processes), &g->peer,
	    queue_waiting(&a->queue, &g->peer));
}

/* Whether the client, or its network, has as many connections as it may. */
static bool
over_ceiling(struct acceptor *a, const struct guest *g, enum refusal *refusal)
{
	enum crowd_verdict verdict = judge(a, g);

	if (verdict != CROWD_WELCOME) {
		processes_settle(a->facts.processes);
		verdict = judge(a, g);
	}
	if (verdict == CROWD_WELCOME)
		return false;
	reject_log_ceiling(&a->client_ceiling, a->facts.configuration, &g->peer,
	    verdict == CROWD_CLIENT_FULL);
	*refusal = verdict == CROWD_CLIENT_FULL ? REFUSAL_CLIENT :
						  REFUSAL_NETWORK;
	return true;
}

/* Has the connection wait. Its descriptor must not get into the processes of
 * others. */
static void
queue_up(struct acceptor *a, struct guest *g, int64_t until_ms)
{
	int fd = processes_make_private(a->facts.processes, g->arguments.in);

	a->crowded = true;
	if (fd < 0)
		return;
	g->arguments.in = g->arguments.out = fd;
	queue_join(&a->queue, g, until_ms);
}

static void
log_ceiling(struct acceptor *a)
{
	if (ratelimit_allows(&a->ceiling))
		log_warning("max_connections = %zu are being served; more "
			    "wait for up to %lld ms",
		    a->facts.configuration->max_connections,
		    (long long)a->facts.configuration->queue_timeout_ms);
}

/* Refuses the connection, forks a process for it, or has it wait. */
static void
receive(struct acceptor *a, struct guest *g)
{
	int64_t timeout_ms = a->facts.configuration->queue_timeout_ms;
	int64_t waited = a->crowded ? guest_waited_ms(g) : 0;
	int64_t until_ms = clock_ms() + timeout_ms - waited;
	enum refusal refusal = REFUSAL_FULL;

	if (processes_refuse_client(a->facts.processes, g->arguments.key)) {
		refuse(a, g, REFUSAL_PENALTY);
		return;
	}
	if (waited >= timeout_ms || over_ceiling(a, g, &refusal)) {
		refuse(a, g, refusal);
		return;
	}
	crowd_make_room(processes_crowd(a->facts.processes), &g->peer);
	if (processes_full(a->facts.processes)) {
		log_ceiling(a);
		queue_up(a, g, until_ms);
	} else if (a->queue.count > 0 ||
	    !crowd_admits(a->queue.crowd, &g->peer) || !serve(a, g)) {
		queue_up(a, g, until_ms);
	}
}

/* Accepts the next connection of that listener; false when there is none now.
 * Errors of a single connection (accept(2)) are passed over, and do not last. */
static bool
accept_next(struct acceptor *a, int listener, struct guest *g)
{
	int tries = 0;

	do {
		if (guest_accept(g, listener) == 0)
			return true;
		if (errno == EAGAIN)
			return false;
	} while (!descriptor_is_exhaustion(errno) && ++tries < BATCH);
	pause_accepting(a, "cannot accept a connection");
	return false;
}

/* When the queue is full, light clients wait in the backlog as long as no heavy
 * one can make room. */
static bool
may_accept(const struct acceptor *a)
{
	size_t heavy;

	return !a->stopped && a->paused_until_ms <= clock_ms() &&
	    (!a->leaves || a->queue.count > 0) &&
	    (a->queue.count < QUEUE_MAX || queue_find_heavy(&a->queue, &heavy));
}

/* The status has slots of its own. */
static bool
may_accept_from(const struct acceptor *a, int listener)
{
	if (listener != a->status)
		return may_accept(a);
	return !a->stopped && a->paused_until_ms <= clock_ms() &&
	    !processes_reserve_full(a->facts.processes);
}

static void
receive_reserved(struct acceptor *a, struct guest *g)
{
	g->is_reserved = true;
	if (!serve(a, g))
		guest_close(g);
}

static void
refuse_waiter(struct acceptor *a, size_t index)
{
	struct guest g = queue_take(&a->queue, index);

	refuse(a, &g, REFUSAL_FULL);
}

static void
accept_from(struct acceptor *a, int listener)
{
	size_t heavy;
	int n;

	for (n = 0; n < BATCH && may_accept_from(a, listener); n++) {
		struct guest g;

		if (!accept_next(a, listener, &g))
			return;
		if (listener == a->status) {
			receive_reserved(a, &g);
			continue;
		}
		if (a->queue.count == QUEUE_MAX &&
		    queue_find_heavy(&a->queue, &heavy))
			refuse_waiter(a, heavy);
		receive(a, &g);
	}
}

/* Looks again for a connection that may end for the first who waits: one that
 * was found before may have had a request. */
static void
make_room_for_first(struct acceptor *a)
{
	const struct queue *q = &a->queue;
	int64_t now_ms = clock_ms();

	if (now_ms < a->search_ms)
		return;
	a->search_ms = now_ms + SEARCH_MS;
	if (crowd_ending(q->crowd) < q->count)
		crowd_make_room(processes_crowd(a->facts.processes),
		    &q->waiters[queue_first(q)].guest.peer);
}

/* Serves those who wait as far as there is room, and refuses whose time is
 * over. */
static void
look_after_queue(struct acceptor *a)
{
	struct queue *q = &a->queue;
	struct guest g;
	int64_t until_ms;
	size_t index;

	while (queue_find_late(q, clock_ms(), &index))
		refuse_waiter(a, index);
	while (q->count > 0 && !processes_full(a->facts.processes) &&
	    a->paused_until_ms <= clock_ms()) {
		index = queue_first(q);
		if (!crowd_admits(q->crowd, &q->waiters[index].guest.peer))
			break;
		until_ms = q->waiters[index].until_ms;
		g = queue_take(q, index);
		if (!serve(a, &g))
			queue_put_back(q, index, &g, until_ms);
	}
	if (q->count > 0)
		make_room_for_first(a);
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
	for (i = 0; i < n; i++) {
		int fd = a->facts.listeners[i];
		bool may = fd == a->status ? may_accept_from(a, fd) :
					     a->listened;

		fds[i] = (struct pollfd){ .fd = may ? fd : -1,
			.events = POLLIN };
	}
	a->polled = reject_poll_set(&a->rejects, fds + n);
	*until_ms = reject_next_ms(&a->rejects);
	*until_ms = clock_earlier(*until_ms, queue_next_ms(&a->queue));
	if (a->queue.count > 0)
		*until_ms = clock_earlier(*until_ms, a->search_ms);
	/* Later connections are not waited for: see close_quiet. */
	if (a->draining && a->listened && n > 0)
		*until_ms = clock_earlier(*until_ms, a->linger_until_ms);
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
	look_after_queue(a);
	for (i = 0; i < n; i++) {
		size_t turn = (a->first + i) % n;

		if (fds[turn].revents && ++ready)
			accept_from(a, a->facts.listeners[turn]);
	}
	look_after_queue(a);
	a->first++;
	if (a->draining && a->listened && clock_ms() >= a->linger_until_ms)
		close_quiet(a, fds);
	/* The backlogs were empty, so the next connection has not waited. */
	if (!ready && a->listened)
		a->crowded = false;
}

void
acceptor_hold(struct acceptor *a, int64_t ms)
{
	a->paused_until_ms = ms > 0 ? clock_ms() + ms : 0;
}

bool
acceptor_is_held(const struct acceptor *a)
{
	return a->paused_until_ms > clock_ms();
}

size_t
acceptor_shared(const struct acceptor *a, int *listeners)
{
	size_t i, count = 0;

	for (i = 0; i < a->facts.listener_count; i++)
		if (a->facts.listeners[i] != a->status)
			listeners[count++] = a->facts.listeners[i];
	return count;
}

void
acceptor_leave(struct acceptor *a, bool to_workers)
{
	a->leaves = to_workers && !a->draining;
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
acceptor_drain(struct acceptor *a, const size_t *ending, size_t count,
    int64_t linger_ms)
{
	int *listeners = a->facts.listeners;
	size_t i, kept = 0;

	a->draining = true;
	a->linger_until_ms = clock_ms() + linger_ms;
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
	return a->queue.count == 0 &&
	    (a->stopped || a->facts.listener_count == 0);
}

void
acceptor_stop(struct acceptor *a, int64_t linger_ms)
{
	if (linger_ms > 0 && !a->draining) {
		a->draining = true;
		a->linger_until_ms = clock_ms() + linger_ms;
	} else {
		acceptor_drain(a, NULL, 0, 0);
		a->stopped = true;
	}
	while (a->queue.count > 0)
		refuse_waiter(a, 0);
}
