/*
 * Children: slots in a free list while unused, and in buckets by pid while
 * used. The lowest slots are used first, so that few scoreboard pages are ever
 * touched.
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/children.h"

#include <assert.h>
#include <signal.h>

#include "base/dontfork.h"

#define NONE UINT32_MAX

struct children {
	size_t max, count;
	uint32_t free; /* first of the free list */
	uint32_t mask; /* of the buckets */
	uint32_t *buckets;
	struct child slots[];
};

struct children *
children_new(size_t max)
{
	struct children *c;
	size_t buckets = 2, i;

	while (buckets < max * 2)
		buckets *= 2;
	c = dontfork_alloc(sizeof(*c) + max * sizeof(c->slots[0]));
	if (!c)
		return NULL;
	c->buckets = dontfork_alloc(buckets * sizeof(c->buckets[0]));
	if (!c->buckets)
		return NULL;
	c->max = max;
	c->mask = (uint32_t)buckets - 1;
	for (i = 0; i < buckets; i++)
		c->buckets[i] = NONE;
	for (i = 0; i < max; i++)
		c->slots[i].next = i + 1 < max ? (uint32_t)i + 1 : NONE;
	return c;
}

size_t
children_count(const struct children *c)
{
	return c->count;
}

bool
children_full(const struct children *c)
{
	return c->count == c->max;
}

size_t
children_next_slot(const struct children *c)
{
	assert(c->free != NONE);
	return c->free;
}

/* The kernel gives pids in sequence, so their low bits spread well. */
static uint32_t *
bucket(struct children *c, pid_t pid)
{
	return &c->buckets[(uint32_t)pid & c->mask];
}

struct child *
children_add(struct children *c, pid_t pid)
{
	uint32_t slot = (uint32_t)children_next_slot(c);
	struct child *child = &c->slots[slot];

	c->free = child->next;
	*child = (struct child){ .pid = pid, .next = *bucket(c, pid) };
	*bucket(c, pid) = slot;
	c->count++;
	return child;
}

struct child *
children_find(struct children *c, pid_t pid, size_t *slot)
{
	uint32_t i = *bucket(c, pid);

	while (i != NONE && c->slots[i].pid != pid)
		i = c->slots[i].next;
	if (i == NONE)
		return NULL;
	*slot = i;
	return &c->slots[i];
}

struct child *
children_at(struct children *c, size_t slot)
{
	return slot < c->max && c->slots[slot].pid > 0 ? &c->slots[slot] : NULL;
}

void
children_remove(struct children *c, pid_t pid)
{
	uint32_t *link = bucket(c, pid), slot;

	while (*link != NONE && c->slots[*link].pid != pid)
		link = &c->slots[*link].next;
	slot = *link;
	assert(slot != NONE);
	*link = c->slots[slot].next;
	c->slots[slot].pid = 0;
	c->slots[slot].next = c->free;
	c->free = slot;
	c->count--;
}

size_t
children_kill(struct children *c)
{
	size_t i, killed = 0;

	for (i = 0; i < c->max; i++) {
		if (c->slots[i].pid <= 0)
			continue;
		c->slots[i].killed = true;
		if (kill(c->slots[i].pid, SIGKILL) == 0)
			killed++;
	}
	return killed;
}
