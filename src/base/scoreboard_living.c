/*
 * What the living connections have counted, and what is settled, read by any
 * process of the generation: through the descriptor, or through the mapping that
 * can only be read. Only pages of living connections count: a process that was left
 * behind may still write to its own.
 *
 * SPDX-License-Identifier: ISC
 */
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "base/ledgers.h"
#include "base/scoreboard_layout.h"

bool
scoreboard_read_at(size_t offset, void *data, size_t size)
{
	const struct shared_memory *m = &scoreboard_current->memory;

	if (!m->shown)
		return pread(m->readable, data, size, (off_t)offset) ==
		    (ssize_t)size;
	memcpy(data, m->shown + offset, size);
	return true;
}

size_t
scoreboard_next_living(size_t slot, int64_t *began_ms)
{
	const size_t times_at = scoreboard_offset(scoreboard_current,
	    scoreboard_current->slots);
	int64_t times[256];
	size_t count, i;

	for (; slot < scoreboard_current->slots; slot += count) {
		count = scoreboard_current->slots - slot;
		if (count > sizeof(times) / sizeof(times[0]))
			count = sizeof(times) / sizeof(times[0]);
		if (!scoreboard_read_at(times_at + slot * sizeof(times[0]),
			times, count * sizeof(times[0])))
			break;
		for (i = 0; i < count; i++) {
			*began_ms = times[i];
			if (times[i] != 0)
				return slot + i;
		}
	}
	return scoreboard_current->slots;
}

/* Only what is used. */
static bool
read_copy(size_t slot, struct scoreboard_copy *copy)
{
	const size_t page = scoreboard_offset(scoreboard_current, slot);
	const size_t tally = page + SCOREBOARD_PAGE_BYTES;
	const size_t cells = offsetof(struct tally, cells);
	const size_t used_at = offsetof(struct scoreboard_page, since);
	struct tally *t = &copy->tally;

	if (!scoreboard_read_at(page, &copy->page, used_at) ||
	    !scoreboard_read_at(tally, t, cells))
		return false;
	return t->used == 0 || t->used > TALLY_CELLS ||
	    scoreboard_read_at(tally + cells, t->cells,
		t->used * sizeof(t->cells[0]));
}

static bool
is_worker(size_t slot)
{
	return slot < scoreboard_current->workers;
}

/* The connections that workers serve. */
static uint64_t
in_workers(void)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 1; ledgers_current && i <= ledgers_processes(ledgers_current);
	     i++)
		sum += ledgers_in(ledgers_current, i);
	return sum;
}

static void
add_tally(struct scoreboard_living *l, const struct tally *t)
{
	const struct annals *annals = scoreboard_current->shown;
	const struct tally_cell *cell;
	size_t i, series;

	for (i = 0; i < t->used; i++) {
		cell = &t->cells[i];
		series = scoreboard_series(annals, cell);
		tally_add(&l->series[series], &cell->counts);
		if (cell->slow.us > l->slow[series].us)
			l->slow[series] = cell->slow;
	}
}

static void
add_copy(struct scoreboard_living *l, const struct scoreboard_copy *copy,
    size_t slot, int64_t began_ms)
{
	const struct annals *annals = scoreboard_current->shown;
	const struct totals counts = scoreboard_copy_counts(copy, annals,
	    began_ms,
	    scoreboard_connections_of(scoreboard_current, l->max, slot));

	totals_add(&l->totals, NULL, &counts);
	if (counts.of[TOTAL_DISCARDED] == 0 && annals && !l->is_settled)
		add_tally(l, &copy->tally);
}

/* Its memory is no part of the stack of a fiber. */
static void
add_living(struct scoreboard_living *l)
{
	static struct scoreboard_copy copy;
	int64_t began_ms;
	size_t i;

	l->count = in_workers();
	for (i = scoreboard_next_living(0, &began_ms);
	     i < scoreboard_current->slots;
	     i = scoreboard_next_living(i + 1, &began_ms)) {
		if (!read_copy(i, &copy))
			continue;
		l->count += !is_worker(i);
		add_copy(l, &copy, i, began_ms);
	}
}

/* What is settled, of all generations. */
static void
add_settled(struct scoreboard_living *l)
{
	const struct annals *annals = scoreboard_current->shown;
	size_t i;

	for (i = 0; annals && i < ANNALS_SERIES; i++) {
		l->series[i] = annals->series[i].counts;
		l->slow[i] = annals->series[i].slow;
	}
}

/* A generation that has been ended in the midst of a turn never ends it. */
#define TURN_TRIES 1000

static bool
read_turn(uint64_t *turn)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return scoreboard_read_at(offsetof(struct header, turn), turn,
	    sizeof(*turn));
}

/* The totals so far are those of living connections. */
static void
add_settled_totals(struct scoreboard_living *l, const struct header *h)
{
	const struct annals *annals = scoreboard_current->shown;
	const struct totals more = totals_less(&l->totals, &h->early);

	l->totals = annals ? annals->totals : h->own;
	if (!annals)
		totals_add(&l->totals, NULL, &h->others);
	if (!h->is_settled)
		totals_add(&l->totals, NULL, &more);
}

bool
scoreboard_read_living(struct header *h, struct scoreboard_living *l)
{
	uint64_t turn;
	int tries;

	for (tries = 0; tries < TURN_TRIES; tries++) {
		if (!scoreboard_read_at(0, h, sizeof(*h)))
			return false;
		*l = (struct scoreboard_living){ .max = h->max,
			.is_settled = h->is_settled };
		add_settled(l);
		add_living(l);
		add_settled_totals(l, h);
		if (!read_turn(&turn))
			return false;
		if (h->turn == turn && turn % 2 == 0)
			return true;
		sched_yield();
	}
	return true;
}
