/*
 * The memory of the rings: first the page that connections can read, then the
 * facts of all slots, then the rings, the generation's own last. It is sealed as
 * the scoreboard is, and its descriptor closed. The generation has two mappings:
 * that of all is not inherited, that of the first page cannot be made writable.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/rings.h"

#include <errno.h>
#include <fcntl.h>
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

#define OWN_BYTES ((size_t)1 << 20)

/* A waker that finds the log process on its way into the wait tries again. */
#define WAKE_TRIES 50

#define NOBODY	   SIZE_MAX

struct control {
	uint32_t state; /* enum rings_state; the futex */
	uint32_t used;	/* slots below have had a process */
	struct rings_dropped by_log, by_generation;
	uint64_t read[]; /* of each slot, and the generation's own */
};

struct rings {
	size_t slots;
	size_t control_bytes, facts_bytes, bytes;
	unsigned char *map;		/* all; not inherited */
	const struct control *readable; /* inherited */
	size_t *passed_on;		/* the slot that a fork inherits */
	char *scratch;			/* a record of an ended connection */
};

/* Those of this process's generation. */
static struct rings *current;

static size_t
whole_pages(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (bytes + page - 1) / page * page;
}

static struct control *
control(const struct rings *r)
{
	return (struct control *)(void *)r->map;
}

static struct rings_facts *
facts_of(const struct rings *r, size_t slot)
{
	return (struct rings_facts *)(void *)(r->map + r->control_bytes) + slot;
}

static unsigned char *
memory_of(const struct rings *r, size_t slot)
{
	return r->map + r->control_bytes + r->facts_bytes +
	    slot * RINGS_SLOT_BYTES;
}

static struct ring_place
place_of(const struct rings *r, size_t slot)
{
	size_t bytes = slot == r->slots ? OWN_BYTES : RINGS_SLOT_BYTES;

	return (struct ring_place){ (struct ring *)(void *)memory_of(r, slot),
		bytes - sizeof(struct ring) };
}

/* MADV_DONTFORK must hold before the first fork, and the seal before the second
 * mapping, which then can only be read. */
static int
map_memory(struct rings *r, int fd)
{
	void *map;

	if (ftruncate(fd, (off_t)r->bytes) < 0)
		return -1;
	map = mmap(NULL, r->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return -1;
	r->map = map;
	if (madvise(map, r->bytes, MADV_DONTFORK) < 0 ||
	    fcntl(fd, F_ADD_SEALS,
		F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW |
		    F_SEAL_SEAL) < 0)
		return -1;
	map = mmap(NULL, r->control_bytes, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return -1;
	r->readable = map;
	return 0;
}

static int
open_memory(struct rings *r)
{
	int fd = memfd_create("prong-rings", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int result = fd < 0 ? -1 : map_memory(r, fd);
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
	return result;
}

/* Lives as long as the process: a failure ends the start. */
struct rings *
rings_new(size_t slots)
{
	struct rings *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->slots = slots;
	r->control_bytes = whole_pages(sizeof(struct control) +
	    (slots + 1) * sizeof(uint64_t));
	r->facts_bytes = whole_pages(slots * sizeof(struct rings_facts));
	r->bytes = r->control_bytes + r->facts_bytes +
	    slots * RINGS_SLOT_BYTES + OWN_BYTES;
	r->passed_on = dontfork_alloc(sizeof(*r->passed_on));
	r->scratch = dontfork_alloc(RINGS_ENDED_BYTES);
	if (!r->passed_on || !r->scratch || open_memory(r) < 0) {
		free(r);
		return NULL;
	}
	*r->passed_on = NOBODY;
	current = r;
	return r;
}

void
rings_span(const void **begin, size_t *bytes)
{
	*begin = current ? current->map : NULL;
	*bytes = current ? current->bytes : 0;
}

static int
pass_on(struct rings *r, size_t slot)
{
	if (*r->passed_on == slot)
		return 0;
	if (*r->passed_on != NOBODY &&
	    madvise(memory_of(r, *r->passed_on), RINGS_SLOT_BYTES,
		MADV_DONTFORK) < 0)
		return -1;
	*r->passed_on = NOBODY;
	if (madvise(memory_of(r, slot), RINGS_SLOT_BYTES, MADV_DOFORK) < 0)
		return -1;
	*r->passed_on = slot;
	return 0;
}

/* The next position at the beginning of a ring that no one has ever had, so
 * that a connection of a few lines touches one page. */
static uint64_t
fresh_position(uint64_t read, size_t size)
{
	return (read / size + 2) * size;
}

int
rings_begin(struct rings *r, size_t slot)
{
	struct ring_place place = place_of(r, slot);
	uint64_t *read = &control(r)->read[slot], begun;

	if (pass_on(r, slot) < 0)
		return -1;
	__atomic_store_n(&facts_of(r, slot)->pid, 0, __ATOMIC_RELEASE);
	begun = fresh_position(*read, place.size);
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

	f->by_proxy = facts->by_proxy;
	f->client = facts->client;
	__atomic_store_n(&f->pid, facts->pid, __ATOMIC_RELEASE);
}

uint64_t
rings_read(const struct rings *r, size_t slot)
{
	return __atomic_load_n(&r->readable->read[slot], __ATOMIC_ACQUIRE);
}

/* Copies the ring, then moves the position unless somebody else has. A position
 * that has moved belongs to another reader, or another writer. */
static size_t
take_from(struct rings *r, size_t slot, uint64_t read, char *copy)
{
	struct ring_place place = place_of(r, slot);
	uint64_t *position = &control(r)->read[slot];
	size_t n = ring_copy(&place, read, copy);

	if (n == 0 || n == RING_DAMAGED)
		return n;
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

void
rings_end(struct rings *r, size_t slot)
{
	struct rings_facts *facts = facts_of(r, slot);
	struct ring_place own = rings_own_place(r);
	struct ring_record record = { .kind = RINGS_ENDED, .text = r->scratch };
	char *octets = r->scratch + sizeof(*facts);
	size_t n = take(r, slot, octets);

	/* The log process may have moved the position meanwhile; it does not
	 * move it for ever, as the writer has ended. */
	if (n == 0)
		n = take(r, slot, octets);
	if (n > 0 && n != RING_DAMAGED) {
		memcpy(r->scratch, facts, sizeof(*facts));
		record.length = sizeof(*facts) + n;
		if (!ring_put(&own, rings_read(r, r->slots), &record))
			count_lost(&control(r)->by_generation, octets, n);
		rings_wake(r, RINGS_TICKS);
	}
	__atomic_store_n(&facts->pid, 0, __ATOMIC_RELEASE);
}

int
rings_share(struct rings *r, bool all)
{
	int result = madvise(r->map, r->bytes,
	    all ? MADV_DOFORK : MADV_DONTFORK);

	*r->passed_on = NOBODY;
	return result;
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
	return __atomic_load_n(&r->readable->state, __ATOMIC_SEQ_CST);
}

/*
 * Who wakes cannot write the word, so a log process that has said how it waits
 * and does not wait yet would miss the wake. The kernel tells how many it has
 * woken. All are woken: another process may wait for the same word.
 */
void
rings_wake(const struct rings *r, enum rings_state least)
{
	int tries;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (tries = 0; tries < WAKE_TRIES && state_of(r) >= least; tries++) {
		if (syscall(SYS_futex, &r->readable->state, FUTEX_WAKE, INT_MAX,
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

	syscall(SYS_futex, &control(r)->state, FUTEX_WAIT, state,
	    timeout_ms < 0 ? NULL : &timeout, NULL, 0);
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
	return __atomic_load_n(&r->readable->used, __ATOMIC_ACQUIRE);
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
	sum = current->readable->by_log;
	more = current->readable->by_generation;
	sum.access_lines += more.access_lines;
	sum.error_lines += more.error_lines;
	if (sum.access_error == 0)
		sum.access_error = more.access_error;
	return sum;
}
