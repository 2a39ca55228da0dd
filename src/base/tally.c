/* SPDX-License-Identifier: ISC */
#include "base/tally.h"

#include <string.h>

static bool
is_of(const struct tally_cell *cell, const char *handler, const char *route)
{
	return strncmp(cell->handler, handler, sizeof(cell->handler) - 1) ==
	    0 &&
	    strncmp(cell->route, route, sizeof(cell->route) - 1) == 0;
}

struct tally_cell *
tally_find(struct tally *t, const char *handler, const char *route)
{
	struct tally_cell *cell;
	size_t i;

	if (t->used > TALLY_CELLS)
		return NULL;
	for (i = 0; i < t->used; i++)
		if (is_of(&t->cells[i], handler, route))
			return &t->cells[i];
	if (t->used == TALLY_CELLS)
		return &t->cells[TALLY_CELLS - 1];
	if (t->used == TALLY_CELLS - 1) {
		handler = TALLY_OTHER;
		route = "";
	}
	cell = &t->cells[t->used];
	memset(cell, 0, sizeof(*cell));
	strncpy(cell->handler, handler, sizeof(cell->handler) - 1);
	strncpy(cell->route, route, sizeof(cell->route) - 1);
	__atomic_store_n(&t->used, t->used + 1, __ATOMIC_RELEASE);
	return cell;
}

struct tally_cell *
tally_claim(struct tally *t, size_t index, const char *handler,
    const char *route)
{
	struct tally_cell *cell = tally_find(t, handler, route);

	if (cell && index < TALLY_HANDLERS)
		t->cell_of[index] = (uint8_t)(cell - t->cells + 1);
	return cell;
}

void
tally_note_refusal(struct tally *t, const char *handler)
{
	struct tally_cell *cell = t ?
	    tally_find(t, handler ? handler : "", "") :
	    NULL;

	if (cell)
		cell->counts.refusals++;
}

void
tally_note_limit(struct tally *t, const char *handler)
{
	struct tally_cell *cell = t ? tally_find(t, handler, "") : NULL;

	if (cell)
		cell->counts.limits++;
}

size_t
tally_error(int status)
{
	static const int statuses[] = { 400, 404, 408, 413, 500, 503 };
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (status == statuses[i])
			return i;
	return status < 500 ? TALLY_ERRORS - 2 : TALLY_ERRORS - 1;
}

void
tally_add(struct tally_counts *sum, const struct tally_counts *more)
{
	uint64_t *to = (uint64_t *)sum;
	const uint64_t *from = (const uint64_t *)more;
	size_t i;

	for (i = 0; i < sizeof(*sum) / sizeof(*to) - 1; i++)
		to[i] += from[i];
	if (more->max_us > sum->max_us)
		sum->max_us = more->max_us;
}

void
tally_less(struct tally_counts *more, const struct tally_counts *before)
{
	uint64_t *to = (uint64_t *)more;
	const uint64_t *from = (const uint64_t *)before;
	size_t i;

	for (i = 0; i < sizeof(*more) / sizeof(*to) - 1; i++)
		to[i] = to[i] > from[i] ? to[i] - from[i] : 0;
}
