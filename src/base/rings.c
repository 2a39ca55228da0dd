/*
 * Two memories. The page of control can be read by all (shared_memory.h). The
 * other memory has the rings, the generation's own, and the facts of all
 * slots. A fork inherits one ring of it, for the connection; a process executed
 * afresh maps it by a descriptor. The filter forbids mappings there to grow
 * (sandbox/filter.c).
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/rings.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/dontfork.h"
#include "base/shared_memory.h"

#define OWN_BYTES ((size_t)1 << 20)

/* A waker that finds the log process on its way into the wait tries again. */
#define WAKE_TRIES 50

struct control {
	uint32_t state; /* enum rings_state; the futex */
	uint32_t used;	/* slots below have had a process */
	uint64_t beats; /* of the log process */
	struct rings_dropped by_log, by_generation;
	uint64_t read[]; /* of each slot, and the generation's own */
};

struct rings {
	size_t slots;
	size_t control_bytes, bytes;
	struct shared_memory control; /* all of it is shown */
	struct shared_memory memory;  /* the rings, facts; lasting */
	char *scratch;		      /* a record of an ended connection */
	void **passed_on;	      /* the ring that a fork inherits */
};

/* Those of this process's generation. */
static struct rings *current;

static struct control *
control(const struct rings *r)
{
	return (struct control *)(void *)r->control.own;
}

static const struct control *
shown(const struct rings *r)
{
	return (const struct control *)(const void *)r->control.shown;
}

static size_t
facts_offset(const struct rings *r)
{
	return r->slots * RINGS_SLOT_BYTES + OWN_BYTES;
}

static struct rings_facts *
facts_of(const struct rings *r, size_t slot)
{
	return (struct rings_facts *)(void *)(r->memory.own + facts_offset(r)) +
	    slot;
}

static unsigned char *
memory_of(const struct rings *r, size_t slot)
{
	return r->memory.own + slot * RINGS_SLOT_BYTES;
}

static struct ring_place
place_of(const struct rings *r, size_t slot)
{
	size_t bytes = slot == r->slots ? OWN_BYTES : RINGS_SLOT_BYTES;

	return (struct ring_place){ (struct ring *)(void *)memory_of(r, slot),
		bytes - sizeof(struct ring) };
}

static struct rings *
allocate(size_t slots)
{
	struct rings *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->slots = slots;
	r->control_bytes = dontfork_whole_pages(sizeof(struct control) +
	    (slots + 1) * sizeof(uint64_t));
	r->bytes = facts_offset(r) +
	    dontfork_whole_pages(slots * sizeof(struct rings_facts));
	return r;
}

/* Lives as long as the process: a failure ends the start. */
struct rings *
rings_new(size_t slots, int *control_descriptor)
{
	struct rings *r = allocate(slots);

	if (!r)
		return NULL;
	r->scratch = dontfork_alloc(RINGS_ENDED_BYTES);
	r->passed_on = dontfork_alloc(sizeof(*r->passed_on));
	if (!r->scratch || !r->passed_on ||
	    shared_memory_make(&r->control, "prong-rings-control",
		r->control_bytes, r->control_bytes, false) < 0 ||
	    shared_memory_make(&r->memory, "prong-rings", r->bytes, 0, true) <
		0) {
		free(r);
		return NULL;
	}
	if (control_descriptor)
		*control_descriptor = r->control.readable;
	else
		close(r->control.readable);
	current = r;
	return r;
}

struct rings *
rings_resume(size_t slots, size_t slot, int descriptor, int control_descriptor)
{
	struct rings *r = allocate(slots);

	if (!r)
		return NULL;
	r->memory = (struct shared_memory){
		.bytes = r->bytes, .writable = descriptor, .readable = -1
	};
	r->control = (struct shared_memory){ .shown_bytes = r->control_bytes,
		.writable = -1,
		.readable = control_descriptor };
	if (slot >= slots ||
	    shared_memory_map_part(&r->memory, slot * RINGS_SLOT_BYTES,
		RINGS_SLOT_BYTES) < 0 ||
	    shared_memory_map_part(&r->control, 0, 0) < 0) {
		free(r);
		return NULL;
	}
	current = r;
	return r;
}

int *
rings_descriptor(struct rings *r)
{
	return &r->memory.writable;
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
	struct ring_place place = place_of(r, slot);
	uint64_t *read = &control(r)->read[slot], begun;

	if (shared_memory_pass_on(r->passed_on, place.ring, RINGS_SLOT_BYTES) <
	    0)
		return -1;

	__atomic_store_n(&facts_of(r, slot)->pid, 0, __ATOMIC_RELEASE);
	clear(&place, facts_of(r, slot)->begun);
	begun = fresh_position(*read, place.size);
	facts_of(r, slot)->begun = begun;
	__atomic_store_n(read, begun, __ATOMIC_SEQ_CST);
	__atomic_store_n(&place.ring->written, begun, __ATOMIC_RELEASE);
	if (control(r)->used <= slot)
		__atomic_store_n(&control(r)->used, (uint32_t)slot + 1,
		    __ATOMIC_RELEASE);
	/* From now on it looks every 100 ms. */
	rings_wake(r, RINGS_ASLEEP);
	return 0;
}

void
rings_started(struct rings *r, size_t slot, const struct rings_facts *facts)
{
	struct rings_facts *f = facts_of(r, slot);

	f->names_clients = facts->names_clients;
	f->client = facts->client;
	__atomic_store_n(&f->pid, facts->pid, __ATOMIC_RELEASE);
}

void
rings_beat(struct rings *r)
{
	__atomic_fetch_add(&control(r)->beats, 1, __ATOMIC_RELAXED);
}

uint64_t
rings_beats(const struct rings *r)
{
	return __atomic_load_n(&control(r)->beats, __ATOMIC_RELAXED);
}

uint64_t
rings_read(const struct rings *r, size_t slot)
{
	return __atomic_load_n(&shown(r)->read[slot], __ATOMIC_ACQUIRE);
}

/* Copies the ring, then moves the position unless somebody else has. A position
 * that has moved belongs to another reader, or another writer; measured by that of
 * the writer before, a ring looks damaged. */
static size_t
take_from(struct rings *r, size_t slot, uint64_t read, char *copy)
{
	struct ring_place place = place_of(r, slot);
	uint64_t *position = &control(r)->read[slot];
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

void
rings_end(struct rings *r, size_t slot)
{
	struct rings_facts *facts = facts_of(r, slot);
	struct ring_place own = rings_own_place(r);
	struct ring_record record = { .kind = RINGS_ENDED, .text = r->scratch };
	char *octets = r->scratch + sizeof(*facts);
	size_t n = take(r, slot, octets), kept;

	/* The log process may have moved the position meanwhile; it does not
	 * move it for ever, as the writer has ended. */
	if (n == 0)
		n = take(r, slot, octets);
	if (n > 0 && n != RING_DAMAGED) {
		memcpy(r->scratch, facts, sizeof(*facts));
		record.length = sizeof(*facts) + n;
		kept = ring_put_some(&own, rings_read(r, r->slots), &record,
		    sizeof(*facts));
		count_lost(&control(r)->by_generation, octets + kept, n - kept);
		rings_wake(r, is_half_full(r) ? RINGS_PAUSES : RINGS_TICKS);
	}
	__atomic_store_n(&facts->pid, 0, __ATOMIC_RELEASE);
}

int
rings_share(struct rings *r, bool all)
{
	int how = all ? MADV_DOFORK : MADV_DONTFORK;

	*r->passed_on = NULL;
	return madvise(r->control.own, r->control_bytes, how) < 0 ?
	    -1 :
	    madvise(r->memory.own, r->bytes, how);
}

struct ring_place
rings_place(const struct rings *r, size_t slot, uint64_t *read)
{
	struct ring_place place = place_of(r, slot);

	*read = place.ring->written;
	return place;
}

struct ring_place
rings_own_place(const struct rings *r)
{
	return place_of(r, r->slots);
}

size_t
rings_own_slot(const struct rings *r)
{
	return r->slots;
}

static uint32_t
state_of(const struct rings *r)
{
	return __atomic_load_n(&shown(r)->state, __ATOMIC_SEQ_CST);
}

/*
 * Who wakes cannot write the word, so a log process on its way into the wait would
 * miss the wake. The kernel tells how many it has woken: all who wait there.
 */
void
rings_wake(const struct rings *r, enum rings_state least)
{
	int tries;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (tries = 0; tries < WAKE_TRIES && state_of(r) >= least; tries++) {
		if (syscall(SYS_futex, &shown(r)->state, FUTEX_WAKE, INT_MAX,
			NULL, NULL, 0) != 0)
			return;
		sched_yield();
	}
}

void
rings_set_state(struct rings *r, enum rings_state state)
{
	__atomic_store_n(&control(r)->state, state, __ATOMIC_SEQ_CST);
}

void
rings_wait(struct rings *r, enum rings_state state, int timeout_ms)
{
	struct timespec timeout = { timeout_ms / 1000,
		timeout_ms % 1000 * 1000000L };

	syscall(SYS_futex, &control(r)->state, FUTEX_WAIT, state, &timeout);
}

size_t
rings_take(struct rings *r, size_t slot, char *copy, struct rings_facts *facts)
{
	const struct rings_facts *f = facts_of(r, slot);
	/* Before the facts: those of the next writer come with another
	 * position, which take_from notices. */
	uint64_t read = rings_read(r, slot);

	/* Without a writer's facts the lines are not due yet. */
	if (__atomic_load_n(&f->pid, __ATOMIC_ACQUIRE) == 0)
		return 0;
	*facts = *f;
	return take_from(r, slot, read, copy);
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

size_t
rings_own_bytes(void)
{
	return OWN_BYTES;
}

int64_t
rings_pid(const struct rings *r, size_t slot)
{
	return __atomic_load_n(&facts_of(r, slot)->pid, __ATOMIC_ACQUIRE);
}

size_t
rings_slots(const struct rings *r)
{
	return __atomic_load_n(&shown(r)->used, __ATOMIC_ACQUIRE);
}

struct rings_dropped *
rings_dropped_by_log(struct rings *r)
{
	return &control(r)->by_log;
}

struct rings_dropped
rings_dropped(void)
{
	struct rings_dropped sum = { 0 }, more;

	if (!current)
		return sum;
	sum = shown(current)->by_log;
	more = shown(current)->by_generation;
	sum.access_lines += more.access_lines;
	sum.error_lines += more.error_lines;
	if (sum.access_error == 0)
		sum.access_error = more.access_error;
	return sum;
}
