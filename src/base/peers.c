/*
 * Peers: open addressing with linear probing over a table at most half full.
 * An entry that falls to zero is removed by moving later ones of its run back
 * (Knuth 6.4, algorithm R), so that no tombstones pile up.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/peers.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/dontfork.h"

struct peers_entry {
	struct address_key key;
	uint32_t count; /* 0: free */
};

struct peers {
	size_t mask;   /* size - 1, size a power of two */
	uint64_t seed; /* so that no client can choose collisions */
	struct peers_entry *entries;
};

static size_t
size_for(size_t max)
{
	size_t size = 2;

	while (size < max * 2)
		size *= 2;
	return size;
}

size_t
peers_bytes(size_t max)
{
	return size_for(max) * sizeof(struct peers_entry);
}

static void
init(struct peers *p, void *memory, size_t max, uint64_t seed)
{
	p->mask = size_for(max) - 1;
	p->seed = seed;
	p->entries = memory;
}

struct peers *
peers_at(void *memory, size_t max, uint64_t seed)
{
	struct peers *p = calloc(1, sizeof(*p));

	if (p)
		init(p, memory, max, seed);
	return p;
}

struct peers *
peers_new(size_t max)
{
	struct peers *p = dontfork_alloc(sizeof(*p) + peers_bytes(max));
	uint64_t seed;

	if (!p)
		return NULL;
	if (getrandom(&seed, sizeof(seed), 0) < 0)
		seed = (uint64_t)(uintptr_t)p;
	init(p, p + 1, max, seed);
	return p;
}

static size_t
home(const struct peers *p, struct address_key key)
{
	return (size_t)address_key_hash(key, p->seed) & p->mask;
}

static bool
same(struct address_key a, struct address_key b)
{
	return memcmp(a.bytes, b.bytes, sizeof(a.bytes)) == 0;
}

/* The client's entry, or the free one where it would be. A table that a broken
 * process has filled has none; the search ends all the same. */
static size_t
find(const struct peers *p, struct address_key key)
{
	size_t i = home(p, key), left = p->mask;

	while (left-- > 0 && p->entries[i].count &&
	    !same(p->entries[i].key, key))
		i = (i + 1) & p->mask;
	return i;
}

size_t
peers_count(const struct peers *p, struct address_key key)
{
	const struct peers_entry *e = &p->entries[find(p, key)];

	return same(e->key, key) ? e->count : 0;
}

size_t
peers_next(const struct peers *p, size_t *cursor, struct address_key *key)
{
	while (*cursor <= p->mask) {
		const struct peers_entry *e = &p->entries[(*cursor)++];

		if (e->count == 0)
			continue;
		*key = e->key;
		return e->count;
	}
	return 0;
}

void
peers_add(struct peers *p, struct address_key key)
{
	struct peers_entry *e = &p->entries[find(p, key)];

	e->key = key;
	e->count++;
}

static void
close_gap(struct peers *p, size_t gap)
{
	size_t i = gap, at;

	for (;;) {
		i = (i + 1) & p->mask;
		if (!p->entries[i].count)
			break;
		at = home(p, p->entries[i].key);
		/* An entry may move when its home is not in (gap, i]. */
		if (((i - at) & p->mask) < ((i - gap) & p->mask))
			continue;
		p->entries[gap] = p->entries[i];
		gap = i;
	}
	p->entries[gap].count = 0;
}

void
peers_remove(struct peers *p, struct address_key key)
{
	size_t i = find(p, key);

	assert(p->entries[i].count > 0);
	if (--p->entries[i].count == 0)
		close_gap(p, i);
}
