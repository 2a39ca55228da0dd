/*
 * The members of pools, and the clients that they have.
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/pools_internal.h"

#include "base/clock.h"
#include "base/ledgers.h"
#include "base/nudge.h"
#include "base/scoreboard.h"
#include "config/configuration.h"
#include "generation/admissions.h"
#include "generation/children.h"
#include "generation/porter.h"

/*
 * Ceilings hold for those that wait, and those of members, too.
 */

static bool
is_counted(const struct pools *p, const struct given *given)
{
	return !configuration_trusts(pools_processes(p)->facts.configuration,
	    &given->parcel.peer);
}

void
pools_count_in(struct pools *p, const struct given *given)
{
	struct ledgers *ledgers = pools_processes(p)->facts.ledgers;

	p->connections++;
	ledgers_count(ledgers, LEDGERS_GENERATION, 1);
	if (is_counted(p, given))
		ledgers_enter(ledgers, LEDGERS_GENERATION,
		    address_client_key(&given->parcel.peer));
}

void
pools_count_out(struct pools *p, const struct given *given)
{
	struct ledgers *ledgers = pools_processes(p)->facts.ledgers;

	p->connections--;
	if (is_counted(p, given))
		ledgers_leave(ledgers, LEDGERS_GENERATION,
		    address_client_key(&given->parcel.peer));
	ledgers_count(ledgers, LEDGERS_GENERATION, -1);
}

size_t
pools_connections(const struct pools *p)
{
	return p->connections;
}

/*
 * Who has a client.
 */

bool
pools_is_ready(const struct pools *p, size_t place)
{
	return pools_place(p, place)->pid != 0 &&
	    ledgers_used_rows(pools_processes(p)->facts.ledgers, place + 1) > 0;
}

bool
pools_is_free(const struct pools *p, size_t place)
{
	const struct place *member = pools_place(p, place);

	return pools_is_ready(p, place) && !member->is_busy &&
	    !member->is_ending &&
	    loans_holder(p->loans, pools_member(p, place)) == LOANS_FREE;
}

static bool
has_client(const struct pools *p, size_t place)
{
	return pools_place(p, place)->is_busy || pools_is_lent(p, place);
}

size_t
pools_count_members(const struct pools *p, const struct pool *pool,
    bool is_busy)
{
	size_t i, count = 0;

	for (i = pool->first; i < pool->first + pool->count; i++)
		count += pools_place(p, i)->pid != 0 &&
		    has_client(p, i) == is_busy &&
		    !pools_place(p, i)->is_ending;
	return count;
}

/* The lowest one, so that the last ones become idle. pool->count: there is none. */
static size_t
find_free(const struct pools *p, const struct pool *pool)
{
	size_t i = 0;

	while (i < pool->count && !pools_is_free(p, pool->first + i))
		i++;
	return i;
}

/* The watchdog looks at it as at the process of that client. */
void
pools_show_client(const struct pools *p, size_t place,
    const struct ledger_parcel *parcel)
{
	struct child *child = children_at(pools_processes(p)->children, place);

	if (!child)
		return;
	child->client = parcel->peer;
	child->key = parcel->key;
	child->is_idle = false;
	child->presence = (struct presence){ .client = parcel->peer,
		.server = parcel->server,
		.inode = parcel->inode };
	watchdog_begin(&child->view, clock_ms());
}

/* False: none is free any more, or the porter does not keep up. */
static bool
pass(struct pools *p, const struct pool *pool, const struct given *given)
{
	struct place *member;
	size_t i, place;

	if (!loans_take(p->loans, (size_t)(pool - p->all), LOANS_GENERATION,
		&given->parcel, &i))
		return false;
	place = p->workers->count + i;
	if (!porter_pass(pools_processes(p)->facts.porter, given->number, place,
		false)) {
		loans_give(p->loans, i, LOANS_GENERATION, false);
		return false;
	}
	member = pools_place(p, place);
	workers_note_passed(p->workers, place, given);
	member->is_busy = true;
	member->client = *given;
	member->clients++;
	pools_show_client(p, place, &given->parcel);
	return true;
}

size_t
pools_count_busy(const struct pools *p, const struct pool *pool)
{
	return pool->count > 0 ?
	    pools_count_members(p, pool, true) :
	    admissions_count(pools_processes(p)->admissions, pool->route);
}

bool
pools_has_free(const struct pools *p, const struct pool *pool)
{
	return pool->count > 0 ?
	    find_free(p, pool) < pool->count :
	    admissions_have_room(pools_processes(p)->admissions, pool->route);
}

bool
pools_pass(struct pools *p, const struct pool *pool, const struct given *given)
{
	if (!pools_has_free(p, pool))
		return false;
	return pool->count > 0 ?
	    pass(p, pool, given) :
	    workers_give_process(p->workers, given, pool->route);
}

void
pools_urge(const struct pools *p, const struct pool *pool)
{
	const struct processes *processes = pools_processes(p);
	const bool others_wait = pool->queued > 0 ||
	    (p->loans && loans_waiting(p->loans, (size_t)(pool - p->all)) > 0);
	size_t i;

	for (i = pool->first; i < pool->first + pool->count; i++) {
		struct place *member = pools_place(p, i);

		if (member->pid == 0 || !has_client(p, i) ||
		    member->is_urged == others_wait)
			continue;
		member->is_urged = others_wait;
		scoreboard_tell_others(processes->facts.scoreboard, i,
		    others_wait);
		if (others_wait)
			nudge_send(member->pid);
	}
}

bool
pools_can_blame(const struct pools *p, size_t place)
{
	return (pools_place(p, place)->is_busy || pools_had_loan(p, place)) &&
	    pools_place(p, place)->clients +
		loans_clients(p->loans, pools_member(p, place)) ==
	    1;
}
