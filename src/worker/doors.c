/*
 * The listeners of a worker, with a fiber each. A fiber accepts one connection
 * whenever the kernel wakes it, so that the other workers get theirs.
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/ledgers.h"
#include "base/log.h"
#include "base/refused.h"
#include "config/configuration.h"
#include "connection/penalty.h"
#include "worker/internal.h"

/* Until the ceiling, or the number of connections, is looked at again. */
#define CEILING_MS 50
#define BALANCE_MS 2

/* After descriptors or memory ran out, or after so many other failures, one after
 * the other. */
#define PAUSE_MS 100
#define FAILURES 16

/* A worker with so many more connections than the mean leaves the next one to the
 * others. */
#define SLACK 4

/* Descriptors of a worker that are none of its connections': what it has from its
 * generation, and what its handlers keep. At most one half. */
#define OWN_DESCRIPTORS 320

/* A connection has a file open while it sends it. One quarter stays free, as a worker
 * may have more than the mean (is_above_mean). */
size_t
worker_room(size_t workers)
{
	const size_t limit = descriptor_limit();
	const size_t own = limit / 2 < OWN_DESCRIPTORS ? limit / 2 :
							 OWN_DESCRIPTORS;

	return (limit - own) / 2 / 4 * 3 * workers;
}

static size_t
in_workers(const struct ledgers *ledgers, size_t accepting)
{
	size_t i, sum = 0;

	for (i = 1; i <= accepting; i++)
		sum += ledgers_in(ledgers, i);
	return sum;
}

bool
worker_is_enough(const struct ledgers *ledgers, size_t accepting,
    const struct configuration *c, size_t room)
{
	return ledgers_connections(ledgers) >=
	    c->max_connections - c->max_connections / 20 ||
	    in_workers(ledgers, accepting) >= room;
}

/* The generation accepts while the workers are full. */
static bool
is_full(struct worker *w)
{
	const bool full = worker_is_enough(w->facts.ledgers, w->facts.accepting,
	    w->facts.configuration, w->room);

	if (full && !w->has_woken)
		worker_wake_generation(w);
	w->has_woken = full;
	return full;
}

static bool
is_above_mean(const struct worker *w)
{
	const size_t workers = w->facts.accepting;
	size_t mean;

	if (workers < 2 || w->count <= SLACK)
		return false;
	mean = in_workers(w->facts.ledgers, workers) / workers;
	return w->count > mean + mean / 4 + SLACK;
}

/* How long the door stays closed; 0: it is open. */
static int64_t
pause_ms(struct worker *w)
{
	if (is_full(w))
		return CEILING_MS;
	return is_above_mean(w) ? BALANCE_MS : 0;
}

/* Not watched meanwhile: the loop would spin. A nudge ends the pause. */
static void
pause_door(struct door *d, int64_t ms)
{
	struct worker *w = d->worker;

	loop_unwatch(&d->watch);
	do
		loop_wait_nudged(&d->watch, 0, clock_ms() + ms);
	while (!w->is_draining && (ms = pause_ms(w)) > 0);
	if (!w->is_draining &&
	    loop_watch(w->loop, &d->watch, d->listener, LOOP_LISTENER) < 0)
		log_error("cannot listen any more: %s", strerror(errno));
}

static bool
is_refused(const struct worker *w, const struct address *peer, int fd)
{
	return w->facts.penalties && penalties_any(w->facts.penalties) &&
	    penalty_left_ms(w->facts.penalties, penalty_key(fd, peer), NULL,
		clock_ms()) > 0;
}

/* As generation/crowd.c, for all processes together. */
static bool
is_over_ceiling(struct worker *w, const struct address *peer,
    enum refusal *refusal)
{
	const struct configuration *c = w->facts.configuration;
	const struct address_key key = address_client_key(peer);
	const size_t most = c->max_connections_per_client;
	const size_t network = key.bytes[0] == 6 ?
	    c->max_connections_per_network :
	    0;
	bool is_client;

	if (configuration_trusts(c, peer))
		return false;
	is_client = most > 0 &&
	    ledgers_of_client(w->facts.ledgers, key) >= most;
	if (!is_client &&
	    (network == 0 ||
		ledgers_of_network(w->facts.ledgers, address_key_network(key)) <
		    network))
		return false;
	*refusal = is_client ? REFUSAL_CLIENT : REFUSAL_NETWORK;
	reject_log_ceiling(&w->ceiling, c, peer, is_client);
	return true;
}

static void
receive(struct worker *w, int fd, const struct address *peer)
{
	enum refusal refusal;

	if (is_refused(w, peer, fd))
		refuse(w, fd, peer, REFUSAL_PENALTY);
	else if (is_over_ceiling(w, peer, &refusal))
		refuse(w, fd, peer, refusal);
	else
		client_begin(w, fd, peer);
}

/* Errors of a single connection (accept(2)) are passed over, and do not last. */
static bool
is_passing(struct door *d, int error)
{
	if (error == EAGAIN) {
		d->failures = 0;
		return true;
	}
	return !descriptor_is_exhaustion(error) && ++d->failures < FAILURES;
}

static void
accept_one(struct door *d)
{
	struct worker *w = d->worker;
	struct address peer = { .length = sizeof(peer.storage) };
	int fd = accept4(d->listener, (struct sockaddr *)&peer.storage,
	    &peer.length, SOCK_CLOEXEC);

	if (fd >= 0) {
		d->failures = 0;
		log_debug("accept4(%d) = %d", d->listener, fd);
		receive(w, fd, &peer);
		return;
	}
	if (is_passing(d, errno))
		return;
	if (ratelimit_allows(&w->exhausted))
		log_error("cannot accept a connection: %s; trying again every "
			  "%d ms%s",
		    strerror(errno), PAUSE_MS, refused_hint(errno));
	pause_door(d, PAUSE_MS);
}

void
door_keep(void *argument)
{
	struct door *d = argument;
	struct worker *w = d->worker;
	int64_t ms;

	while (!w->is_draining) {
		ms = pause_ms(w);
		if (ms > 0)
			pause_door(d, ms);
		else if (loop_wait_nudged(&d->watch, EPOLLIN, INT64_MAX) ==
			LOOP_READY &&
		    /* Others have accepted meanwhile. */
		    pause_ms(w) == 0)
			accept_one(d);
	}
	loop_unwatch(&d->watch);
	close(d->listener);
	if (++w->left_count < w->door_count)
		return;
	w->facts.page->has_left = true;
	worker_wake_generation(w);
}

void
door_leave(struct door *d)
{
	loop_nudge(&d->watch);
}
