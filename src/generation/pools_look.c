/*
 * Looks at the members of pools: which are idle again, and whom workers have lent a
 * client, in which the generation takes no part.
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/pools_internal.h"

#include "base/ledgers.h"
#include "base/scoreboard.h"
#include "generation/children.h"

void
pools_note_client(struct pools *p, size_t place)
{
	struct ledger_parcel client;

	if (!pools_had_loan(p, place))
		return;
	loans_client(p->loans, pools_member(p, place), &client);
	pools_show_client(p, place, &client);
}

/* It has no link to a worker that has been replaced, so another one takes its place. A
 * client of a worker that has ended is served to its end. */
static void
end_stale(struct pools *p, size_t place)
{
	const size_t member = pools_member(p, place);
	const uint32_t holder = loans_holder(p->loans, member);

	if (pools_place(p, place)->is_ending)
		return;
	if (holder >= LOANS_WORKER &&
	    scoreboard_state(pools_processes(p)->facts.scoreboard, place) ==
		SCOREBOARD_FREE &&
	    pools_place(p, place)->loans_seen ==
		loans_clients(p->loans, member))
		loans_give(p->loans, member, holder, true);
	pools_end_member(p, place);
}

static bool
look_at_loans(struct pools *p, size_t place, int64_t now_ms)
{
	struct place *m = pools_place(p, place);
	const size_t member = pools_member(p, place);
	const uint64_t clients = loans_clients(p->loans, member);

	if (!m->is_open && !m->is_ending) {
		m->is_open = true;
		loans_open(p->loans, member);
	} else if (m->is_open && loans_holder(p->loans, member) == LOANS_CLOSED)
		m->is_stale = true; /* A worker has cut it off. */
	if (m->is_stale)
		end_stale(p, place);
	if (clients != m->loans_seen) {
		m->idle_ms = now_ms;
		if (pools_is_lent(p, place))
			pools_note_client(p, place);
	}
	m->loans_seen = clients;
	return pools_is_lent(p, place);
}

/* It is idle again, or for the first time. */
static void
note_idle(struct pools *p, size_t place, int64_t now_ms)
{
	struct place *member = pools_place(p, place);
	struct child *child = children_at(pools_processes(p)->children, place);

	if (child)
		child->is_idle = true;
	if (!member->is_busy)
		return;
	pools_count_out(p, &member->client);
	member->is_busy = false;
	member->idle_ms = now_ms;
	loans_give(p->loans, pools_member(p, place), LOANS_GENERATION,
	    member->is_ending || member->is_stale);
}

void
pools_look(struct pools *p, const struct pool *pool, int64_t now_ms)
{
	const struct ledgers *ledgers = pools_processes(p)->facts.ledgers;
	size_t i;

	for (i = pool->first; i < pool->first + pool->count; i++) {
		const struct place *member = pools_place(p, i);

		if (member->pid == 0 || !pools_is_ready(p, i) ||
		    look_at_loans(p, i, now_ms))
			continue;
		if (!member->is_busy || ledgers_in(ledgers, i + 1) == 0)
			note_idle(p, i, now_ms);
	}
}

size_t
pools_tell_loans(struct pools *p, const struct pool *pool)
{
	const size_t i = (size_t)(pool - p->all);

	if (!p->loans)
		return 0;
	loans_tell(p->loans, i, pool->queued);
	return loans_waiting(p->loans, i);
}
