/*
 * Penalties lie in buckets of a few places. A hash with a seed chooses the
 * bucket of a client, so that no client can choose another to displace.
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/penalty.h"

#include <stddef.h>
#include <string.h>
#include <sys/random.h>

#include "base/dontfork.h"

#define PLACES	8
#define BUCKETS (PENALTY_CLIENTS / PLACES)

struct entry {
	struct address_key client;
	unsigned crashes; /* 0: free */
	int64_t until_ms; /* end of the penalty */
	int64_t forget_ms;
};

struct penalties {
	int64_t first_ms;
	uint64_t seed;
	struct entry entries[BUCKETS][PLACES];
};

struct penalties *
penalties_new(int64_t first_ms)
{
	struct penalties *p = dontfork_alloc(sizeof(*p));

	if (!p)
		return NULL;
	p->first_ms = first_ms;
	if (getrandom(&p->seed, sizeof(p->seed), 0) < 0)
		p->seed = (uint64_t)(uintptr_t)p;
	return p;
}

static struct entry *
bucket(const struct penalties *p, struct address_key client)
{
	uint64_t hash = address_key_hash(client, p->seed);

	return (struct entry *)(uintptr_t)p->entries[hash % BUCKETS];
}

static bool
is_client(const struct entry *e, struct address_key client)
{
	return e->crashes > 0 &&
	    memcmp(e->client.bytes, client.bytes, sizeof(client.bytes)) == 0;
}

static struct entry *
find(const struct penalties *p, struct address_key client)
{
	struct entry *e = bucket(p, client);
	size_t i;

	for (i = 0; i < PLACES; i++)
		if (is_client(&e[i], client))
			return &e[i];
	return NULL;
}

/* Finds a place for a client that has none, and empties it. */
static struct entry *
place(struct penalties *p, struct address_key client, int64_t now_ms)
{
	struct entry *e = bucket(p, client), *best = e;
	size_t i;

	for (i = 0; i < PLACES; i++) {
		if (e[i].crashes == 0 || e[i].forget_ms <= now_ms) {
			best = &e[i];
			break;
		}
		if (e[i].forget_ms < best->forget_ms)
			best = &e[i];
	}
	*best = (struct entry){ .client = client };
	return best;
}

static int64_t
penalty_ms(const struct penalties *p, unsigned crashes)
{
	int64_t ms = p->first_ms;
	unsigned n;

	if (crashes <= PENALTY_FREE)
		return 0;
	for (n = crashes - PENALTY_FREE; n > 1 && ms < PENALTY_MAX_MS; n--)
		ms *= 2;
	return ms < PENALTY_MAX_MS ? ms : PENALTY_MAX_MS;
}

int64_t
penalty_add(struct penalties *p, struct address_key client, int64_t now_ms)
{
	struct entry *e = find(p, client);
	int64_t ms;

	if (!e || e->forget_ms <= now_ms)
		e = place(p, client, now_ms);
	if (e->crashes < 1000)
		e->crashes++;
	ms = penalty_ms(p, e->crashes);
	e->until_ms = now_ms + ms;
	e->forget_ms = e->until_ms + PENALTY_MEMORY_MS;
	return ms;
}

bool
penalty_applies(const struct penalties *p, struct address_key client,
    int64_t now_ms)
{
	const struct entry *e = find(p, client);

	return e && now_ms < e->until_ms;
}
