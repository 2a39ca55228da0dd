/* SPDX-License-Identifier: ISC */
#include "base/loans.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/dontfork.h"
#include "base/ledgers.h"

struct member {
	uint32_t holder; /* enum loans_holder */
	uint64_t clients;
	uint64_t starts;     /* of processes so far */
	uint64_t last_begun; /* by the process before */
	struct ledger_parcel client;
};

struct pool {
	uint32_t first, count, queue; /* set once */
	uint32_t admitted, queued;
};

struct memory {
	uint32_t is_stopped, is_resting;
	struct pool pools[];
};

struct loans {
	struct memory *memory;
	/* Behind the pools: of each worker, for each of them. */
	uint32_t *admitted, *waiting;
	struct member *members; /* behind these */
	size_t count, pools, workers, bytes;
};

static size_t
align(size_t bytes)
{
	return (bytes + 63) / 64 * 64;
}

struct loans *
loans_new(size_t members, size_t pools, size_t workers)
{
	const size_t head = align(sizeof(struct memory) +
	    pools * sizeof(struct pool));
	const size_t table = align(pools * workers * sizeof(uint32_t));
	struct loans *l = calloc(1, sizeof(*l));
	char *map;

	if (!l)
		return NULL;
	l->bytes = dontfork_whole_pages(head + 2 * table +
	    members * sizeof(struct member));
	map = mmap(NULL, l->bytes, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED || madvise(map, l->bytes, MADV_DONTFORK) < 0) {
		free(l);
		return NULL;
	}
	l->memory = (struct memory *)(void *)map;
	l->admitted = (uint32_t *)(void *)(map + head);
	l->waiting = (uint32_t *)(void *)(map + head + table);
	l->members = (struct member *)(void *)(map + head + 2 * table);
	l->count = members;
	l->pools = pools;
	l->workers = workers;
	l->memory->is_resting = 1;
	return l;
}

void
loans_set_pool(struct loans *l, size_t pool, size_t first, size_t count,
    size_t queue)
{
	l->memory->pools[pool] = (struct pool){ .first = (uint32_t)first,
		.count = (uint32_t)count,
		.queue = (uint32_t)queue };
}

size_t
loans_pool(const struct loans *l, size_t member)
{
	size_t i = 0;

	while (i + 1 < l->pools &&
	    (l->memory->pools[i].count == 0 ||
		member >= (size_t)l->memory->pools[i].first +
			l->memory->pools[i].count))
		i++;
	return i;
}

bool
loans_has_members(const struct loans *l, size_t pool)
{
	return pool < l->pools && l->memory->pools[pool].count > 0;
}

size_t
loans_busy(const struct loans *l, size_t pool)
{
	const struct pool *p = &l->memory->pools[pool];
	size_t i, sum = 0;

	for (i = p->first; i < (size_t)p->first + p->count; i++)
		sum += loans_holder(l, i) >= LOANS_GENERATION;
	return sum;
}

int
loans_share(struct loans *l, bool with_fork)
{
	return madvise(l->memory, l->bytes,
	    with_fork ? MADV_DOFORK : MADV_DONTFORK);
}

/*
 * Members.
 */

static bool
exchange(struct member *m, uint32_t from, uint32_t to)
{
	return __atomic_compare_exchange_n(&m->holder, &from, to, false,
	    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static void
set_holder(struct member *m, uint32_t holder)
{
	__atomic_store_n(&m->holder, holder, __ATOMIC_RELEASE);
}

void
loans_open(struct loans *l, size_t member)
{
	if (!loans_are_stopped(l))
		set_holder(&l->members[member], LOANS_FREE);
}

bool
loans_close(struct loans *l, size_t member)
{
	return exchange(&l->members[member], LOANS_FREE, LOANS_CLOSED) ||
	    loans_holder(l, member) == LOANS_CLOSED;
}

void
loans_end(struct loans *l, size_t member, uint64_t begun)
{
	struct member *m = &l->members[member];

	m->last_begun = begun;
	m->clients = 0;
	__atomic_fetch_add(&m->starts, 1, __ATOMIC_RELEASE);
	set_holder(m, LOANS_CLOSED);
}

void
loans_stop(struct loans *l)
{
	size_t i;

	__atomic_store_n(&l->memory->is_stopped, 1, __ATOMIC_SEQ_CST);
	for (i = 0; i < l->count; i++)
		loans_close(l, i);
}

bool
loans_are_stopped(const struct loans *l)
{
	return __atomic_load_n(&l->memory->is_stopped, __ATOMIC_SEQ_CST) != 0;
}

bool
loans_take(struct loans *l, size_t pool, uint32_t holder,
    const struct ledger_parcel *client, size_t *member)
{
	const struct pool *p = &l->memory->pools[pool];
	size_t i;

	for (i = p->first; i < (size_t)p->first + p->count; i++)
		if (exchange(&l->members[i], LOANS_FREE, holder)) {
			*member = i;
			loans_keep(l, i, client);
			return true;
		}
	return false;
}

void
loans_keep(struct loans *l, size_t member, const struct ledger_parcel *client)
{
	l->members[member].client = *client;
	if (loans_holder(l, member) != LOANS_GENERATION)
		__atomic_fetch_add(&l->members[member].clients, 1,
		    __ATOMIC_RELEASE);
}

void
loans_undo(struct loans *l, size_t member, uint32_t holder)
{
	if (loans_holder(l, member) != holder)
		return; /* It has ended. */
	__atomic_fetch_sub(&l->members[member].clients, 1, __ATOMIC_RELEASE);
}

void
loans_give(struct loans *l, size_t member, uint32_t holder, bool is_last)
{
	exchange(&l->members[member], holder,
	    is_last ? LOANS_CLOSED : LOANS_FREE);
	if (loans_are_stopped(l))
		loans_close(l, member);
}

struct loans_mark
loans_mark(const struct loans *l, size_t member)
{
	const struct member *m = &l->members[member];

	return (struct loans_mark){ __atomic_load_n(&m->starts,
					__ATOMIC_ACQUIRE),
		loans_clients(l, member) };
}

/* A process that is followed by another one already has left its last number. */
bool
loans_had_begun(const struct loans *l, size_t member,
    const struct loans_mark *mark, uint64_t begun)
{
	const struct member *m = &l->members[member];
	const uint64_t starts = __atomic_load_n(&m->starts, __ATOMIC_ACQUIRE);

	if (starts == mark->start)
		return begun >= mark->client;
	return starts != mark->start + 1 || m->last_begun >= mark->client;
}

uint32_t
loans_holder(const struct loans *l, size_t member)
{
	return __atomic_load_n(&l->members[member].holder, __ATOMIC_ACQUIRE);
}

uint64_t
loans_clients(const struct loans *l, size_t member)
{
	return __atomic_load_n(&l->members[member].clients, __ATOMIC_ACQUIRE);
}

void
loans_client(const struct loans *l, size_t member, struct ledger_parcel *client)
{
	*client = l->members[member].client;
}

/*
 * Those that wait.
 */

static size_t
at(const struct loans *l, size_t pool, size_t worker)
{
	return pool * l->workers + worker - 1;
}

bool
loans_admit(struct loans *l, size_t pool, size_t worker)
{
	struct pool *p = &l->memory->pools[pool];
	const size_t before = __atomic_fetch_add(&p->admitted, 1,
	    __ATOMIC_SEQ_CST);

	__atomic_fetch_add(&l->admitted[at(l, pool, worker)], 1,
	    __ATOMIC_SEQ_CST);
	if (before < (size_t)p->queue + p->count)
		return true;
	loans_dismiss(l, pool, worker);
	return false;
}

void
loans_dismiss(struct loans *l, size_t pool, size_t worker)
{
	__atomic_fetch_sub(&l->admitted[at(l, pool, worker)], 1,
	    __ATOMIC_SEQ_CST);
	__atomic_fetch_sub(&l->memory->pools[pool].admitted, 1,
	    __ATOMIC_SEQ_CST);
}

void
loans_wait(struct loans *l, size_t pool, size_t worker, int more)
{
	__atomic_fetch_add(&l->waiting[at(l, pool, worker)], (uint32_t)more,
	    __ATOMIC_SEQ_CST);
}

size_t
loans_waiting_of(const struct loans *l, size_t pool, size_t worker)
{
	return __atomic_load_n(&l->waiting[at(l, pool, worker)],
	    __ATOMIC_SEQ_CST);
}

size_t
loans_waiting(const struct loans *l, size_t pool)
{
	size_t i, sum = 0;

	for (i = 1; i <= l->workers; i++)
		sum += loans_waiting_of(l, pool, i);
	return sum;
}

void
loans_forget_worker(struct loans *l, size_t worker)
{
	size_t i;

	for (i = 0; i < l->pools; i++) {
		__atomic_fetch_sub(&l->memory->pools[i].admitted,
		    __atomic_exchange_n(&l->admitted[at(l, i, worker)], 0,
			__ATOMIC_SEQ_CST),
		    __ATOMIC_SEQ_CST);
		__atomic_store_n(&l->waiting[at(l, i, worker)], 0,
		    __ATOMIC_SEQ_CST);
	}
}

void
loans_tell(struct loans *l, size_t pool, size_t queued)
{
	__atomic_store_n(&l->memory->pools[pool].queued, (uint32_t)queued,
	    __ATOMIC_RELEASE);
}

bool
loans_are_queued(const struct loans *l, size_t pool)
{
	return __atomic_load_n(&l->memory->pools[pool].queued,
		   __ATOMIC_ACQUIRE) != 0;
}

void
loans_rest(struct loans *l)
{
	__atomic_store_n(&l->memory->is_resting, 1, __ATOMIC_SEQ_CST);
}

bool
loans_wake(struct loans *l)
{
	return __atomic_load_n(&l->memory->is_resting, __ATOMIC_SEQ_CST) &&
	    __atomic_exchange_n(&l->memory->is_resting, 0, __ATOMIC_SEQ_CST);
}
