/*
 * What is believed of a page and its tally: all of it, or nothing. No connection
 * does more in its time than the limits here, and none calls handlers that there
 * are not. A page of a broken process may have any octets, and totals that jump by
 * them are of no use to anybody.
 *
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/scoreboard_layout.h"

/* More than a connection does in a millisecond, and the time that is added to
 * its life. */
#define MOST_REQUESTS 1000u
#define MOST_OCTETS   (UINT64_C(16) << 20)
#define MARGIN_MS     100

static uint64_t
life_ms(int64_t began_ms)
{
	return (uint64_t)(clock_ms() - began_ms + MARGIN_MS);
}

uint64_t
scoreboard_believed_lines(const struct scoreboard_page *p, int64_t began_ms)
{
	return p->lines_dropped <= life_ms(began_ms) * MOST_REQUESTS ?
	    p->lines_dropped :
	    0;
}

static bool
are_at_most(const uint64_t *numbers, size_t count, uint64_t most)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (numbers[i] > most)
			return false;
	return true;
}

static bool
is_page_plausible(const struct scoreboard_page *p, uint64_t ms)
{
	const uint64_t requests = ms * MOST_REQUESTS, octets = ms * MOST_OCTETS;

	return p->connections <= requests && p->refused <= requests &&
	    p->requests <= requests && p->lines_dropped <= requests &&
	    p->bytes_received <= octets && p->bytes_sent <= octets &&
	    are_at_most(p->responses, 6, requests);
}

static bool
ends(const char *text, size_t size)
{
	return memchr(text, '\0', size);
}

/* A duration is part of the life of the process. */
static bool
is_cell_plausible(const struct tally_cell *cell, uint64_t ms,
    size_t connections)
{
	const struct tally_counts *c = &cell->counts;
	const uint64_t requests = ms * MOST_REQUESTS;

	return ends(cell->handler, sizeof(cell->handler)) &&
	    ends(cell->route, sizeof(cell->route)) &&
	    are_at_most(c->responses, 6, requests) &&
	    are_at_most(c->buckets, TALLY_BUCKETS, requests) &&
	    c->limits <= requests && c->refusals <= requests &&
	    c->max_us / 1000 <= ms && cell->slow.us / 1000 <= ms &&
	    c->sum_us / 1000 <= ms * connections;
}

/* Cells of the same name would be one. */
static bool
is_named_before(const struct tally *t, size_t number)
{
	size_t i;

	for (i = 0; i < number; i++)
		if (strcmp(t->cells[i].handler, t->cells[number].handler) ==
			0 &&
		    strcmp(t->cells[i].route, t->cells[number].route) == 0)
			return true;
	return false;
}

static bool
is_tally_plausible(const struct tally *t, const struct annals *annals,
    uint64_t ms, size_t connections)
{
	const uint64_t requests = ms * MOST_REQUESTS;
	size_t i;

	if (t->used > TALLY_CELLS ||
	    !are_at_most(t->methods, TALLY_METHODS, requests) ||
	    !are_at_most(t->errors, TALLY_ERRORS, requests) ||
	    !are_at_most(t->refusals, TALLY_REFUSALS, requests))
		return false;
	for (i = 0; i < t->used; i++)
		if (!is_cell_plausible(&t->cells[i], ms, connections) ||
		    is_named_before(t, i) ||
		    (annals &&
			scoreboard_series(annals, &t->cells[i]) ==
			    ANNALS_SERIES))
			return false;
	return true;
}

struct totals
scoreboard_copy_counts(const struct scoreboard_copy *copy,
    const struct annals *annals, int64_t began_ms, size_t connections)
{
	const struct scoreboard_page *p = &copy->page;
	const uint64_t ms = life_ms(began_ms);
	struct totals t = { { 0 } };

	if (!is_page_plausible(p, ms) ||
	    !is_tally_plausible(&copy->tally, annals, ms, connections)) {
		t.of[TOTAL_DISCARDED] = 1;
		return t;
	}
	t.of[TOTAL_CONNECTIONS] = p->connections;
	t.of[TOTAL_REFUSED] = p->refused;
	t.of[TOTAL_REQUESTS] = p->requests;
	t.of[TOTAL_RECEIVED] = p->bytes_received;
	t.of[TOTAL_SENT] = p->bytes_sent;
	t.of[TOTAL_LINES_DROPPED] = p->lines_dropped;
	memcpy(&t.of[TOTAL_RESPONSES], p->responses, sizeof(p->responses));
	memcpy(&t.of[TOTAL_METHODS], copy->tally.methods,
	    sizeof(copy->tally.methods));
	memcpy(&t.of[TOTAL_REFUSALS], copy->tally.refusals,
	    sizeof(copy->tally.refusals));
	memcpy(&t.of[TOTAL_ERRORS], copy->tally.errors,
	    sizeof(copy->tally.errors));
	return t;
}

/* Where there are too many names, those that have none are in the last series. */
size_t
scoreboard_series(const struct annals *annals, const struct tally_cell *cell)
{
	const struct annals_series *series = annals->series;
	size_t i;

	for (i = 0; i < ANNALS_OTHER && series[i].is_used; i++)
		if (strcmp(series[i].handler, cell->handler) == 0 &&
		    strcmp(series[i].route, cell->route) == 0)
			return i;
	return i == ANNALS_OTHER || strcmp(cell->handler, TALLY_OTHER) == 0 ?
	    ANNALS_OTHER :
	    ANNALS_SERIES;
}

size_t
scoreboard_connections_of(const struct scoreboard *s, size_t max, size_t slot)
{
	return slot < s->workers ? max + SCOREBOARD_RESERVED : 1;
}

/* As in a tally: the slowest, or one of the last minute. */
static void
settle_slow(struct annals_series *series, const struct tally_exemplar *slow)
{
	const int64_t now = (int64_t)time(NULL);

	if (slow->time <= 0 || slow->time > now ||
	    (slow->us < series->slow.us && slow->time - series->slow.time < 60))
		return;
	series->slow = *slow;
}

static void
settle_cell(struct scoreboard *s, const struct tally_cell *cell,
    const struct tally_counts *before)
{
	struct annals_series *series =
	    &s->annals->series[scoreboard_series(s->annals, cell)];
	struct tally_counts more = cell->counts;

	if (before)
		tally_less(&more, before);
	annals_add(series, &more);
	settle_slow(series, &cell->slow);
}

/* NULL: there is no memory. */
static struct early_tally *
remember(const struct tally *t)
{
	struct early_tally *told = malloc(sizeof(*told) +
	    t->used * sizeof(told->counts[0]));
	size_t i;

	if (!told)
		return NULL;
	told->used = t->used;
	for (i = 0; i < t->used; i++)
		told->counts[i] = t->cells[i].counts;
	return told;
}

/* What could not be remembered would be added twice. */
void
scoreboard_settle_tally(struct scoreboard *s, size_t slot,
    const struct scoreboard_copy *copy, bool has_ended)
{
	struct early_tally *before = s->told[slot], *now = NULL;
	const struct tally *t = &copy->tally;
	size_t i;

	if (!has_ended && !(now = remember(t)))
		return;
	for (i = 0; i < t->used; i++)
		settle_cell(s, &t->cells[i],
		    before && i < before->used ? &before->counts[i] : NULL);
	free(before);
	s->told[slot] = now;
}
