/*
 * Two memories. The page of control can be read by all (shared_memory.h). The
 * other memory has the rings, the generation's own, and the facts of all
 * slots. A fork inherits one ring of it, for the connection; a process executed
 * afresh maps it by a descriptor. The filter forbids mappings there to grow
 * (sandbox/filter.c).
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/rings_internal.h"

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

/* A waker that finds the log process on its way into the wait tries again. */
#define WAKE_TRIES 50

/* Those of this process's generation. */
static struct rings *current;

static struct rings *
allocate(size_t slots, size_t large)
{
	struct rings *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->slots = slots;
	r->large = large;
	r->control_bytes = dontfork_whole_pages(sizeof(struct rings_control) +
	    (slots + 1) * sizeof(uint64_t));
	r->bytes = rings_facts_offset(r) +
	    dontfork_whole_pages(slots * sizeof(struct rings_facts));
	return r;
}

/* Lives as long as the process: a failure ends the start. */
struct rings *
rings_new(size_t slots, size_t large, int *control_descriptor)
{
	struct rings *r = allocate(slots, large);

	if (!r)
		return NULL;
	r->scratch = dontfork_alloc(rings_ended_bytes(r));
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
rings_resume(size_t slots, size_t large, size_t slot, int descriptor,
    int control_descriptor)
{
	struct rings *r = allocate(slots, large);

	if (!r)
		return NULL;
	r->memory = (struct shared_memory){
		.bytes = r->bytes, .writable = descriptor, .readable = -1
	};
	r->control = (struct shared_memory){ .shown_bytes = r->control_bytes,
		.writable = -1,
		.readable = control_descriptor };
	if (slot >= slots ||
	    shared_memory_map_part(&r->memory, rings_offset_of(r, slot),
		rings_bytes_of(r, slot)) < 0 ||
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

void
rings_beat(struct rings *r)
{
	__atomic_fetch_add(&rings_control(r)->beats, 1, __ATOMIC_RELAXED);
}

uint64_t
rings_beats(const struct rings *r)
{
	return __atomic_load_n(&rings_control(r)->beats, __ATOMIC_RELAXED);
}

uint64_t
rings_read(const struct rings *r, size_t slot)
{
	return __atomic_load_n(&rings_shown(r)->read[slot], __ATOMIC_ACQUIRE);
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
	struct ring_place place = rings_place_of(r, slot);

	*read = place.ring->written;
	return place;
}

struct ring_place
rings_own_place(const struct rings *r)
{
	return rings_place_of(r, r->slots);
}

size_t
rings_own_slot(const struct rings *r)
{
	return r->slots;
}

static uint32_t
state_of(const struct rings *r)
{
	return __atomic_load_n(&rings_shown(r)->state, __ATOMIC_SEQ_CST);
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
		if (syscall(SYS_futex, &rings_shown(r)->state, FUTEX_WAKE,
			INT_MAX, NULL, NULL, 0) != 0)
			return;
		sched_yield();
	}
}

void
rings_set_state(struct rings *r, enum rings_state state)
{
	__atomic_store_n(&rings_control(r)->state, state, __ATOMIC_SEQ_CST);
}

void
rings_wait(struct rings *r, enum rings_state state, int timeout_ms)
{
	struct timespec timeout = { timeout_ms / 1000,
		timeout_ms % 1000 * 1000000L };

	syscall(SYS_futex, &rings_control(r)->state, FUTEX_WAIT, state,
	    &timeout);
}

size_t
rings_own_bytes(void)
{
	return RINGS_OWN_BYTES;
}

int64_t
rings_pid(const struct rings *r, size_t slot)
{
	return __atomic_load_n(&rings_facts_of(r, slot)->pid, __ATOMIC_ACQUIRE);
}

size_t
rings_slots(const struct rings *r)
{
	return __atomic_load_n(&rings_shown(r)->used, __ATOMIC_ACQUIRE);
}

struct rings_dropped *
rings_dropped_by_log(struct rings *r)
{
	return &rings_control(r)->by_log;
}

struct rings_dropped
rings_dropped(void)
{
	struct rings_dropped sum = { 0 }, more;

	if (!current)
		return sum;
	sum = rings_shown(current)->by_log;
	more = rings_shown(current)->by_generation;
	sum.access_lines += more.access_lines;
	sum.error_lines += more.error_lines;
	if (sum.access_error == 0)
		sum.access_error = more.access_error;
	return sum;
}
