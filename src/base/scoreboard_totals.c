/*
 * The counts of the scoreboard, and how they become those of the server: what
 * pages say is added when their connections have ended or, when the generation
 * drains, before. What was added before is remembered for each slot.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/scoreboard.h"

#include <string.h>

#include "base/rings.h"
#include "base/scoreboard_layout.h"

void
scoreboard_turn(struct scoreboard *s)
{
	__atomic_fetch_add(&scoreboard_header(s)->turn, 1, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void
scoreboard_add(struct scoreboard *s, const struct totals *more)
{
	totals_add(&scoreboard_header(s)->own, &s->annals->totals, more);
}

/* Only what is used, which may change meanwhile. */
static void
copy(struct scoreboard *s, size_t slot)
{
	const struct scoreboard_page *page = scoreboard_page(s, slot);
	const struct tally *tally =
	    scoreboard_tally((struct scoreboard_page *)(uintptr_t)page);
	struct tally *to = &s->copy->tally;

	s->copy->page = *page;
	memcpy(to, tally, offsetof(struct tally, cells));
	if (to->used <= TALLY_CELLS)
		memcpy(to->cells, tally->cells,
		    to->used * sizeof(to->cells[0]));
}

void
scoreboard_settle_slot(struct scoreboard *s, size_t slot, bool has_ended)
{
	struct header *h = scoreboard_header(s);
	struct totals counts, more;

	copy(s, slot);
	counts = scoreboard_copy_counts(s->copy, s->annals,
	    *scoreboard_began_ms(s, slot),
	    scoreboard_connections_of(s, h->max, slot));
	more = totals_less(&counts, &s->early[slot]);
	scoreboard_add(s, &more);
	if (counts.of[TOTAL_DISCARDED] > 0)
		s->copy->tally.used = 0;
	scoreboard_settle_tally(s, slot, s->copy, has_ended);
	if (has_ended) {
		h->early = totals_less(&h->early, &s->early[slot]);
		s->early[slot] = (struct totals){ { 0 } };
	} else {
		totals_add(&s->early[slot], NULL, &more);
		totals_add(&h->early, NULL, &more);
	}
}

static void
settle_log(struct scoreboard *s)
{
	struct header *h = scoreboard_header(s);
	const uint64_t now = rings_dropped().access_lines;
	struct totals more = { { 0 } };

	if (now <= h->log_settled)
		return;
	more.of[TOTAL_LINES_DROPPED] = now - h->log_settled;
	h->log_settled = now;
	scoreboard_add(s, &more);
}

void
scoreboard_settle(struct scoreboard *s)
{
	size_t slot;

	scoreboard_turn(s);
	for (slot = 0; slot < s->slots; slot++)
		if (*scoreboard_began_ms(s, slot) != 0)
			scoreboard_settle_slot(s, slot, false);
	settle_log(s);
	scoreboard_header(s)->is_settled = 1;
	scoreboard_turn(s);
}

void
scoreboard_look_at_others(struct scoreboard *s)
{
	struct header *h = scoreboard_header(s);

	scoreboard_turn(s);
	h->others = totals_less(&s->annals->totals, &h->own);
	scoreboard_turn(s);
}

uint64_t
scoreboard_dropped(const struct scoreboard *s, int *error)
{
	const struct header *h = scoreboard_header(s);
	const uint64_t lines = h->own.of[TOTAL_LINES_DROPPED] -
	    h->early.of[TOTAL_LINES_DROPPED] - h->log_settled;

	if (lines > 0)
		*error = (int)h->log_error;
	return lines;
}
