/*
 * The counts of the scoreboard, and how they become those of the server: what
 * pages say is added when their connections have ended or, when the generation
 * drains, before. What was added before is remembered for each slot. No more is
 * believed of a page than a connection of its age can have done.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/scoreboard.h"

#include "base/clock.h"
#include "base/rings.h"
#include "base/scoreboard_layout.h"

/* More than a connection does in a millisecond, and the time that is added to
 * its life. The page of a broken process may claim any number: totals that jump
 * by it, or begin anew at 0, are of no use to anybody. */
#define MOST_REQUESTS 1000u
#define MOST_OCTETS   (UINT64_C(16) << 20)
#define MARGIN_MS     100

static uint64_t
at_most(uint64_t claimed, uint64_t most)
{
	return claimed < most ? claimed : most;
}

struct totals
scoreboard_page_counts(const struct scoreboard_page *p, int64_t began_ms)
{
	const uint64_t life_ms = (uint64_t)(clock_ms() - began_ms + MARGIN_MS);
	const uint64_t requests = life_ms * MOST_REQUESTS;
	const uint64_t octets = life_ms * MOST_OCTETS;
	struct totals
	    t = { .of = {
		      [TOTAL_CONNECTIONS] = at_most(p->connections, requests),
		      [TOTAL_REFUSED] = at_most(p->refused, requests),
		      [TOTAL_REQUESTS] = at_most(p->requests, requests),
		      [TOTAL_RECEIVED] = at_most(p->bytes_received, octets),
		      [TOTAL_SENT] = at_most(p->bytes_sent, octets),
		      [TOTAL_LINES_DROPPED] = at_most(p->lines_dropped,
			  requests),
		  } };
	size_t i;

	for (i = 0; i < 6; i++)
		t.of[TOTAL_RESPONSES + i] = at_most(p->responses[i], requests);
	return t;
}

void
scoreboard_turn(struct scoreboard *s)
{
	__atomic_fetch_add(&scoreboard_header(s)->turn, 1, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void
scoreboard_add(struct scoreboard *s, const struct totals *more)
{
	totals_add(&scoreboard_header(s)->own, s->totals, more);
}

void
scoreboard_settle_slot(struct scoreboard *s, size_t slot, bool has_ended)
{
	struct header *h = scoreboard_header(s);
	struct totals counts = scoreboard_page_counts(scoreboard_page(s, slot),
	    *scoreboard_began_ms(s, slot));
	struct totals more = totals_less(&counts, &s->early[slot]);

	scoreboard_add(s, &more);
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

	if (!s->totals)
		return;
	scoreboard_turn(s);
	h->others = totals_less(s->totals, &h->own);
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
