/*
 * The slots of the rings: a process begins in one and ends, and its lines are taken
 * by the log process or, at its end, passed on by the generation's own ring.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/rings_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/* Copies the ring, then moves the position unless somebody else has. A position
 * that has moved belongs to another reader, or another writer; measured by that of
 * the writer before, a ring looks damaged. */
static size_t
take_from(struct rings *r, size_t slot, uint64_t read, char *copy)
{
	struct ring_place place = rings_place_of(r, slot);
	uint64_t *position = &rings_control(r)->read[slot];
	size_t n = ring_copy(&place, read, copy);

	if (n == 0)
		return 0;
	if (n == RING_DAMAGED)
		return rings_read(r, slot) == read ? n : 0;
	return __atomic_compare_exchange_n(position, &read, read + n, false,
		   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) ?
	    n :
	    0;
}

static size_t
take(struct rings *r, size_t slot, char *copy)
{
	return take_from(r, slot, rings_read(r, slot), copy);
}

static void
count_lost(struct rings_dropped *dropped, const char *at, size_t left)
{
	struct ring_record record;

	while (ring_next(&at, &left, &record)) {
		if (record.kind == RINGS_ACCESS) {
			dropped->access_lines++;
			dropped->access_error = EAGAIN;
		} else {
			dropped->error_lines++;
		}
	}
}

/* The generation's own. */
static bool
is_half_full(const struct rings *r)
{
	struct ring_place place = rings_own_place(r);

	return ring_pending(&place, rings_read(r, r->slots)) > place.size / 2;
}

/* The lines of an ended process go into the generation's own ring, as far as there
 * is room for them; the others are counted. */
static void
pass_on(struct rings *r, size_t slot)
{
	struct rings_facts *facts = rings_facts_of(r, slot);
	struct ring_place own = rings_own_place(r);
	struct ring_record record = { .kind = RINGS_ENDED, .text = r->scratch };
	char *octets = r->scratch + sizeof(*facts);
	size_t n = take(r, slot, octets), kept;

	/* The log process may have moved the position meanwhile; it does not
	 * move it for ever, as the writer has ended. */
	if (n == 0)
		n = take(r, slot, octets);
	if (n == 0 || n == RING_DAMAGED)
		return;
	memcpy(r->scratch, facts, sizeof(*facts));
	record.length = sizeof(*facts) + n;
	kept = ring_put_some(&own, rings_read(r, r->slots), &record,
	    sizeof(*facts));
	count_lost(&rings_control(r)->by_generation, octets + kept, n - kept);
	rings_wake(r, is_half_full(r) ? RINGS_PAUSES : RINGS_TICKS);
}

/* The next position at the beginning of a ring that no one has ever had, so
 * that a connection of a few lines touches one page. */
static uint64_t
fresh_position(uint64_t read, size_t size)
{
	return (read / size + 2) * size;
}

/* The lines of a connection are not for the next one in its slot. A writer that
 * lies about their length shows its own. */
static void
clear(const struct ring_place *place, uint64_t begun)
{
	uint64_t written = place->ring->written - begun;

	memset(place->ring->octets, 0,
	    written < place->size ? written : place->size);
}

int
rings_begin(struct rings *r, size_t slot)
{
	struct ring_place place = rings_place_of(r, slot);
	struct rings_facts *facts = rings_facts_of(r, slot);
	uint64_t *read = &rings_control(r)->read[slot], begun;

	if (shared_memory_pass_on(r->passed_on, place.ring,
		rings_bytes_of(r, slot)) < 0)
		return -1;
	if (facts->has_ended)
		pass_on(r, slot);
	__atomic_store_n(&facts->pid, 0, __ATOMIC_RELEASE);
	facts->has_ended = false;
	clear(&place, facts->begun);
	begun = fresh_position(*read, place.size);
	facts->begun = begun;
	__atomic_store_n(read, begun, __ATOMIC_SEQ_CST);
	__atomic_store_n(&place.ring->written, begun, __ATOMIC_RELEASE);
	if (rings_control(r)->used <= slot)
		__atomic_store_n(&rings_control(r)->used, (uint32_t)slot + 1,
		    __ATOMIC_RELEASE);
	/* From now on it looks every 100 ms. */
	rings_wake(r, RINGS_ASLEEP);
	return 0;
}

int
rings_withdraw(struct rings *r, size_t slot)
{
	*r->passed_on = NULL;
	return madvise(rings_memory_of(r, slot), rings_bytes_of(r, slot),
	    MADV_DONTFORK);
}

void
rings_started(struct rings *r, size_t slot, const struct rings_facts *facts)
{
	struct rings_facts *f = rings_facts_of(r, slot);

	f->names_clients = facts->names_clients;
	f->client = facts->client;
	__atomic_store_n(&f->pid, facts->pid, __ATOMIC_RELEASE);
}

/* Whether the lines had better stay where they are. */
static bool
can_wait(const struct rings *r, size_t slot)
{
	struct ring_place place = rings_place_of(r, slot),
			  own = rings_own_place(r);
	size_t pending = ring_pending(&place, rings_read(r, slot));

	return pending > 0 && pending != RING_DAMAGED &&
	    !ring_takes_all(&own, rings_read(r, r->slots),
		sizeof(struct rings_facts) + pending);
}

void
rings_end(struct rings *r, size_t slot)
{
	struct rings_facts *facts = rings_facts_of(r, slot);

	if (can_wait(r, slot)) {
		__atomic_store_n(&facts->has_ended, true, __ATOMIC_RELEASE);
		rings_wake(r, RINGS_PAUSES);
		return;
	}
	pass_on(r, slot);
	__atomic_store_n(&facts->pid, 0, __ATOMIC_RELEASE);
}

size_t
rings_take(struct rings *r, size_t slot, char *copy, struct rings_facts *facts)
{
	struct rings_facts *f = rings_facts_of(r, slot);
	/* Before the facts: those of the next writer come with another
	 * position, which take_from notices. */
	uint64_t read = rings_read(r, slot);
	bool is_last;
	int64_t pid;
	size_t n;

	/* Without a writer's facts the lines are not due yet. */
	if (__atomic_load_n(&f->pid, __ATOMIC_ACQUIRE) == 0)
		return 0;
	/* Before the lines: they are all there then. */
	is_last = __atomic_load_n(&f->has_ended, __ATOMIC_ACQUIRE);
	*facts = *f;
	n = take_from(r, slot, read, copy);
	/* With lines the facts are those of their writer, not of the next one. */
	pid = facts->pid;
	if (is_last && n > 0)
		__atomic_compare_exchange_n(&f->pid, &pid, 0, false,
		    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
	return n;
}

size_t
rings_take_own(struct rings *r, char *copy)
{
	return take(r, r->slots, copy);
}

bool
rings_own_pending(const struct rings *r)
{
	struct ring_place place = rings_own_place(r);

	return ring_pending(&place, rings_read(r, r->slots)) > 0;
}
