/*
 * What workers give away: a connection gets a process of its own, or goes on in a
 * worker that serves the route of its next request.
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ledgers.h"
#include "base/log.h"
#include "base/refused.h"
#include "generation/children.h"
#include "generation/guest.h"
#include "generation/pools.h"
#include "generation/porter.h"
#include "generation/porter_parcel.h"
#include "generation/processes_internal.h"
#include "generation/workers_internal.h"

/* Who runs handlers of others is not believed: it may put a penalty on its own
 * client alone. */
static struct address_key
key_of(const struct workers *w, size_t place,
    const struct ledger_parcel *parcel)
{
	return workers_serve(w, place) == ROUTE_WORKER ||
		address_is_unix(&parcel->peer) ?
	    parcel->key :
	    address_client_key(&parcel->peer);
}

/* A member of a pool has one client at a time, so the generation knows whose it is what
 * it gives away. */
static void
settle_client(const struct workers *w, size_t place,
    struct ledger_parcel *parcel)
{
	const struct ledger_parcel *known = &w->places[place].client.parcel;

	if (workers_serve(w, place) != ROUTE_POOL) {
		parcel->key = key_of(w, place, parcel);
		return;
	}
	parcel->peer = known->peer;
	parcel->server = known->server;
	parcel->inode = known->inode;
	parcel->key = known->key;
}

/* False: no worker takes it. */
static bool
pass(struct workers *w, const struct given *given)
{
	const uint32_t place = given->parcel.place;
	size_t to;

	if (w->is_stopping || (place != ROUTE_WORKER && place != ROUTE_SHARED))
		return false;
	to = workers_choose(w, (enum route_place)place);
	if (to == w->count ||
	    !porter_pass(w->processes->facts.porter, given->number, to, false))
		return false;
	workers_note_passed(w, to, given);
	return true;
}

/* Where it goes on. False: it has to be tried again. */
static bool
settle(struct workers *w, const struct given *given)
{
	if (given->parcel.place == ROUTE_POOL)
		return pools_take(w->pools, given);
	return pass(w, given) || workers_give_process(w, given, NULL);
}

bool
workers_take_idle(struct workers *w, const struct guest *g)
{
	const struct given given = { .number = g->handed_off,
		.parcel = { .place = ROUTE_WORKER,
		    .began_ms = g->began_ms,
		    .peer = g->peer,
		    .server = g->presence.server,
		    .inode = g->presence.inode,
		    .key = g->arguments.key } };
	size_t to;

	if (!w || w->is_stopping || g->is_reserved || g->was_told)
		return false;
	to = workers_choose(w, ROUTE_WORKER);
	if (to == w->count ||
	    !porter_pass_kept(w->processes->facts.porter, g->handed_off, to,
		&g->arguments.facts))
		return false;
	workers_note_passed(w, to, &given);
	return true;
}

/* A worker that accepts nothing has no more to give away than was passed to it. Its
 * numbers rise: by an old one it would reach a connection that others have by now. */
static bool
can_have_given(const struct workers *w, size_t place, uint64_t sequence)
{
	const struct place *p = &w->places[place];

	return workers_serve(w, place) == ROUTE_WORKER ||
	    (p->taken < p->passed && sequence > p->newest &&
		sequence >> WORKERS_STARTS_SHIFT == p->starts);
}

/* Each connection that it makes up would cost a fork. */
static void
end_liar(struct workers *w, size_t place)
{
	struct children *children = w->processes->children;
	struct child *child = children_at(children, place);

	w->places[place].has_lied = true;
	if (!child || child->killed)
		return;
	log_error("worker %zu (process %ld) gives away connections that it "
		  "has not got: killed; its connections are cut",
	    place + 1, (long)child->pid);
	children_end(children, child);
}

bool
workers_take_parcels(struct workers *w, size_t place)
{
	struct ledgers *ledgers = w->processes->facts.ledgers;
	struct given given;
	int left = LEDGERS_PARCELS;

	while (!w->places[place].has_lied &&
	    ledgers_next_parcel(ledgers, place + 1, &given.parcel)) {
		if (!can_have_given(w, place, given.parcel.sequence)) {
			end_liar(w, place);
			break;
		}
		given.number = porter_parcel_number(place,
		    given.parcel.sequence);
		settle_client(w, place, &given.parcel);
		if (left-- == 0 || !settle(w, &given))
			return false;
		w->places[place].taken++;
		w->places[place].newest = given.parcel.sequence;
		ledgers_drop_parcel(ledgers, place + 1);
	}
	return true;
}

/* The worker has got no more than it says, and no less than all but the last ones. A
 * connection for which there is no process at the moment is cut. */
void
workers_return_parcels(struct workers *w, size_t place)
{
	struct place *p = &w->places[place];
	uint64_t left = ledgers_on_way(w->processes->facts.ledgers, place + 1);
	const struct given *given;

	if (left > p->passed)
		left = p->passed;
	if (left > LEDGERS_ON_WAY)
		left = LEDGERS_ON_WAY;
	for (; left > 0; left--) {
		given = &p->last[(p->passed - left) % LEDGERS_ON_WAY];
		if (!settle(w, given))
			log_warning("a connection that was on its way to "
				    "worker %zu is cut",
			    place + 1);
	}
	p->passed = p->taken = 0;
	p->has_lied = false;
}

void
workers_take_wake(struct workers *w)
{
	struct epoll_event events[ROUTE_PLACES];

	if (epoll_wait(w->woken, events, ROUTE_PLACES, 0) < 0)
		log_debug("epoll_wait(%d): %s", w->woken, strerror(errno));
}

int64_t
workers_hear(struct workers *w)
{
	int64_t next_ms = INT64_MAX;
	size_t i;

	if (!w)
		return INT64_MAX;
	for (i = 0; i < w->count + w->members; i++)
		if (!workers_take_parcels(w, i))
			next_ms = clock_ms() + WORKERS_PARCEL_MS;
	return clock_earlier(next_ms, pools_keep(w->pools));
}
