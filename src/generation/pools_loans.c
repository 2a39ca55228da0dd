/*
 * What workers lend to members of pools (base/loans.h), as the generation sees it, which
 * takes no part.
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/pools_internal.h"

#include "base/scoreboard.h"

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
