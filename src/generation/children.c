/*
 * Children: slots in a free list once they were used, and in buckets by pid while they
 * are. The lowest slots are used first, so that few scoreboard pages are ever
 * touched, and none of this table before it is needed: links are slots plus one, so
 * that zeros are right at first. A retired slot is in neither.
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/children.h"

#include <assert.h>
#include <signal.h>

#include "base/clock.h"
#include "base/dontfork.h"
#include "base/log.h"

/* No link. */
#define NONE 0

/* The time that a guardian has to end what it guards. */
#define GUARDIAN_MS 1000

/* The time after which a process is reported that SIGKILL does not end. */
#define STUCK_MS 10000

/* Slots for processes that could not be ended, beside a share of all. */
#define SPARE_SLOTS 64

/* The interval at which a generation with few of them asks to be replaced. */
#define ASK_AGAIN_MS 10000

struct children {
	size_t max, count;
	size_t workers, worker_count; /* slots in front, and used ones */
	size_t slot_count, retired;
	bool guarded;
	int64_t insist_ms, ask_again_ms;
	uint32_t free;	/* the first link of the free list */
	uint32_t fresh; /* this slot, and all that follow, were never used */
	uint32_t mask;	/* of the buckets */
	uint32_t *buckets;
	struct child slots[];
};

size_t
children_slots_for(size_t max, size_t workers)
{
	return workers + max + max / 4 + SPARE_SLOTS;
}

struct children *
children_new(size_t max, size_t workers, bool guarded)
{
	const size_t slots = children_slots_for(max, workers);
	struct children *c;
	size_t buckets = 2;

	while (buckets < (max + workers) * 2)
		buckets *= 2;
	c = dontfork_alloc(sizeof(*c) + slots * sizeof(c->slots[0]));
	if (!c)
		return NULL;
	c->buckets = dontfork_alloc(buckets * sizeof(c->buckets[0]));
	if (!c->buckets)
		return NULL;
	c->max = max;
	c->workers = workers;
	c->fresh = (uint32_t)workers;
	c->slot_count = slots;
	c->guarded = guarded;
	c->insist_ms = INT64_MAX;
	c->mask = (uint32_t)buckets - 1;
	return c;
}

size_t
children_count(const struct children *c)
{
	return c->count;
}

bool
children_have_slot(const struct children *c)
{
	return c->free != NONE || c->fresh < c->slot_count;
}

size_t
children_slots(const struct children *c)
{
	return c->slot_count;
}

bool
children_are_short(struct children *c)
{
	const size_t spare = c->slot_count - c->workers - c->max;

	if (c->retired < spare / 2 || clock_ms() < c->ask_again_ms)
		return false;
	c->ask_again_ms = clock_ms() + ASK_AGAIN_MS;
	log_warning("the slots of %zu connections are retired, because "
		    "processes of handlers could not be ended with them",
	    c->retired);
	return true;
}

size_t
children_next_slot(const struct children *c)
{
	assert(children_have_slot(c));
	return c->free != NONE ? c->free - 1 : c->fresh;
}

/* The kernel gives pids in sequence, so their low bits spread well. */
static uint32_t *
bucket(struct children *c, pid_t pid)
{
	return &c->buckets[(uint32_t)pid & c->mask];
}

static struct child *
put_in(struct children *c, uint32_t slot, pid_t pid)
{
	struct child *child = &c->slots[slot];

	*child = (struct child){ .pid = pid, .next = *bucket(c, pid) };
	*bucket(c, pid) = slot + 1;
	return child;
}

struct child *
children_add(struct children *c, pid_t pid)
{
	uint32_t slot = (uint32_t)children_next_slot(c);

	if (c->free != NONE)
		c->free = c->slots[slot].next;
	else
		c->fresh++;
	c->count++;
	return put_in(c, slot, pid);
}

struct child *
children_add_worker(struct children *c, size_t slot, pid_t pid)
{
	struct child *child;

	assert(slot < c->workers && c->slots[slot].pid == 0);
	c->worker_count++;
	child = put_in(c, (uint32_t)slot, pid);
	child->worker = slot + 1;
	return child;
}

size_t
children_workers(const struct children *c)
{
	return c->worker_count;
}

struct child *
children_find(struct children *c, pid_t pid, size_t *slot)
{
	uint32_t link = *bucket(c, pid);

	while (link != NONE && c->slots[link - 1].pid != pid)
		link = c->slots[link - 1].next;
	if (link == NONE)
		return NULL;
	*slot = link - 1;
	return &c->slots[*slot];
}

/* What was never used is not touched: those who look at all slots, each second,
 * would have the whole table in memory. */
struct child *
children_at(struct children *c, size_t slot)
{
	return slot < c->fresh && c->slots[slot].pid > 0 ? &c->slots[slot] :
							   NULL;
}

/* Takes the child out of its bucket. */
static uint32_t
take_out(struct children *c, pid_t pid)
{
	uint32_t *link = bucket(c, pid), slot;

	while (*link != NONE && c->slots[*link - 1].pid != pid)
		link = &c->slots[*link - 1].next;
	assert(*link != NONE);
	slot = *link - 1;
	*link = c->slots[slot].next;
	c->slots[slot].pid = 0;
	if (slot < c->workers)
		c->worker_count--;
	else
		c->count--;
	return slot;
}

void
children_remove(struct children *c, pid_t pid)
{
	uint32_t slot = take_out(c, pid);

	if (slot < c->workers)
		return;
	c->slots[slot].next = c->free;
	c->free = slot + 1;
}

void
children_retire(struct children *c, pid_t pid)
{
	take_out(c, pid);
	c->retired++;
}

void
children_end(struct children *c, struct child *child)
{
	child->killed = true;
	if (child->asked_ms > 0) {
		kill(child->pid, SIGKILL);
		return;
	}
	child->asked_ms = clock_ms();
	kill(child->pid, c->guarded ? SIGTERM : SIGKILL);
	c->insist_ms = clock_earlier(c->insist_ms,
	    child->asked_ms + GUARDIAN_MS);
}

/* Returns when it has to be looked at again. */
static int64_t
insist(struct child *child, int64_t now_ms)
{
	char client[ADDRESS_TEXT_BYTES];

	if (now_ms < child->asked_ms + GUARDIAN_MS)
		return child->asked_ms + GUARDIAN_MS;
	kill(child->pid, SIGKILL);
	if (now_ms < child->asked_ms + STUCK_MS)
		return child->asked_ms + STUCK_MS;
	log_error("connection process %ld of %s does not end, not even by "
		  "SIGKILL; it keeps its place among max_connections",
	    (long)child->pid, address_format(&child->client, client));
	child->is_stuck = true;
	return INT64_MAX;
}

int64_t
children_insist(struct children *c)
{
	const int64_t now_ms = clock_ms();
	struct child *child;
	size_t i;

	if (now_ms < c->insist_ms)
		return c->insist_ms;
	c->insist_ms = INT64_MAX;
	for (i = 0; i < c->fresh; i++) {
		child = &c->slots[i];
		if (child->pid > 0 && child->asked_ms > 0 && !child->is_stuck)
			c->insist_ms = clock_earlier(c->insist_ms,
			    insist(child, now_ms));
	}
	return c->insist_ms;
}

size_t
children_end_all(struct children *c)
{
	size_t i, ended = 0;

	for (i = 0; i < c->fresh; i++) {
		if (c->slots[i].pid <= 0)
			continue;
		children_end(c, &c->slots[i]);
		ended++;
	}
	return ended;
}
