/*
 * What workers lend to members of pools (base/loans.h), as the generation sees it, which
 * takes no part.
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/pools_internal.h"

#include "base/ledgers.h"
#include "base/scoreboard.h"
#include "generation/children.h"

bool
pools_is_lent(const struct pools *p, size_t place)
{
	return p->loans &&
	    loans_holder(p->loans, pools_member(p, place)) >= LOANS_WORKER;
}

/* Its worker may have noticed the end of the member already. */
bool
pools_had_loan(const struct pools *p, size_t place)
{
	return p->loans && !pools_place(p, place)->is_busy &&
	    loans_clients(p->loans, pools_member(p, place)) > 0 &&
	    scoreboard_state(pools_processes(p)->facts.scoreboard, place) !=
		SCOREBOARD_FREE;
}

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
	    pools_place(p, place)->loans_seen == loans_clients(p->loans, member))
		loans_give(p->loans, member, holder, true);
	pools_end_member(p, place);
}

bool
pools_look_at_loans(struct pools *p, const struct pool *pool, size_t place,
    int64_t now_ms)
{
	struct place *m = pools_place(p, place);
	const size_t member = pools_member(p, place);
	const uint64_t clients = loans_clients(p->loans, member);

	(void)pool;
	if (!m->is_open && !m->is_ending) {
		m->is_open = true;
		loans_open(p->loans, member);
	}
	else if (m->is_open &&
	    loans_holder(p->loans, member) == LOANS_CLOSED)
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

size_t
pools_tell_loans(struct pools *p, const struct pool *pool)
{
	const size_t i = (size_t)(pool - p->all);

	if (!p->loans)
		return 0;
	loans_tell(p->loans, i, pool->queued,
	    pools_count_members(p, pool, true) +
		    pools_count_members(p, pool, false) <
		pool->count);
	return loans_waiting(p->loans, i);
}
