/*
 * Penalties lie in buckets of a few places. A hash with a seed chooses the
 * bucket of a client, so that no client can choose another to displace.
 *
 * SPDX-License-Identifier: ISC
 */
#include "connection/penalty.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/shared_memory.h"
#include "config/handler.h"
#include "config/route.h"

#define PLACES	8
#define BUCKETS (PENALTY_ENTRIES / PLACES)

struct entry {
	struct address_key client;
	uint32_t handler; /* hash of its name; 0: none */
	uint32_t crashes; /* 0: free */
	int64_t until_ms; /* end of the penalty */
	int64_t forget_ms;
};

struct table {
	int64_t last_ms; /* latest end of a penalty; 0: there was none */
	uint64_t seed;
	struct entry entries[BUCKETS][PLACES];
};

struct penalties {
	int64_t first_ms;
	struct table *own;	   /* not inherited by a fork */
	const struct table *shown; /* the same memory, never writable */
};

struct address_key
penalty_key(int socket, const struct address *peer)
{
	struct address_key key = address_client_key(peer);
	struct ucred process;
	socklen_t length = sizeof(process);

	if (!address_is_unix(peer) ||
	    getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &process, &length) < 0)
		return key;
	memcpy(key.bytes + 1, &process.pid, 4);
	memcpy(key.bytes + 5, &process.uid, 4);
	return key;
}

/* Two addresses of Unix sockets without a path never count as equal. */
struct address_key
penalty_key_named(int socket, const struct address *peer,
    const struct address *client)
{
	return address_is_unix(client) || address_equal(client, peer) ?
	    penalty_key(socket, peer) :
	    address_client_key(client);
}

/* All memory is shown, in whole pages. */
static void
take_memory(struct penalties *p, const struct shared_memory *m)
{
	p->own = (struct table *)(void *)m->own;
	p->shown = (const struct table *)(const void *)m->shown;
}

struct penalties *
penalties_new(int64_t first_ms, int *descriptor)
{
	struct penalties *p = calloc(1, sizeof(*p));
	struct shared_memory m;

	if (!p ||
	    shared_memory_make(&m, "prong-penalties", sizeof(*p->own),
		sizeof(*p->own), false) < 0) {
		free(p);
		return NULL;
	}
	take_memory(p, &m);
	if (descriptor)
		*descriptor = m.readable;
	else
		close(m.readable);
	p->first_ms = first_ms;
	if (getrandom(&p->own->seed, sizeof(p->own->seed), 0) < 0)
		p->own->seed = (uint64_t)(uintptr_t)p;
	return p;
}

struct penalties *
penalties_resume(int fd)
{
	struct penalties *p = calloc(1, sizeof(*p));
	struct shared_memory m = {
		.shown_bytes = sizeof(*p->own), .writable = -1, .readable = fd
	};

	if (!p || shared_memory_map_part(&m, 0, 0) < 0) {
		free(p);
		return NULL;
	}
	take_memory(p, &m);
	return p;
}

/* FNV-1a; never 0. */
static uint32_t
hash_name(const char *handler)
{
	uint32_t hash = 2166136261U;

	if (!handler)
		return 0;
	for (; *handler != '\0'; handler++)
		hash = (hash ^ (unsigned char)*handler) * 16777619U;
	return hash | 1;
}

static size_t
bucket(const struct table *t, struct address_key client)
{
	return address_key_hash(client, t->seed) % BUCKETS;
}

static bool
is_of(const struct entry *e, struct address_key client, uint32_t handler)
{
	return e->crashes > 0 && e->handler == handler &&
	    memcmp(e->client.bytes, client.bytes, sizeof(client.bytes)) == 0;
}

static const struct entry *
find(const struct table *t, struct address_key client, uint32_t handler)
{
	const struct entry *e = t->entries[bucket(t, client)];
	size_t i;

	for (i = 0; i < PLACES; i++)
		if (is_of(&e[i], client, handler))
			return &e[i];
	return NULL;
}

static struct entry *
find_own(struct table *t, struct address_key client, uint32_t handler)
{
	return (struct entry *)(uintptr_t)find(t, client, handler);
}

/* Finds a place for a client that has none, and empties it. A connection that
 * reads meanwhile finds no penalty there: see penalty_left_ms. */
static struct entry *
place(struct table *t, struct address_key client, uint32_t handler,
    int64_t now_ms)
{
	struct entry *e = t->entries[bucket(t, client)], *best = e;
	size_t i;

	for (i = 0; i < PLACES; i++) {
		if (e[i].crashes == 0 || e[i].forget_ms <= now_ms) {
			best = &e[i];
			break;
		}
		if (e[i].forget_ms < best->forget_ms)
			best = &e[i];
	}
	__atomic_store_n(&best->until_ms, 0, __ATOMIC_SEQ_CST);
	best->client = client;
	best->handler = handler;
	best->crashes = 0;
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
penalty_add(struct penalties *p, struct address_key client, const char *handler,
    int64_t now_ms)
{
	uint32_t hash = hash_name(handler);
	struct entry *e = find_own(p->own, client, hash);
	int64_t ms;

	if (!e || e->forget_ms <= now_ms)
		e = place(p->own, client, hash, now_ms);
	if (e->crashes < 1000)
		e->crashes++;
	ms = penalty_ms(p, e->crashes);
	e->forget_ms = now_ms + ms + PENALTY_MEMORY_MS;
	__atomic_store_n(&e->until_ms, now_ms + ms, __ATOMIC_SEQ_CST);
	if (ms > 0 && now_ms + ms > p->own->last_ms)
		p->own->last_ms = now_ms + ms;
	return ms;
}

bool
penalties_any(const struct penalties *p)
{
	return p->shown->last_ms != 0;
}

int64_t
penalty_left_ms(const struct penalties *p, struct address_key client,
    const char *handler, int64_t now_ms)
{
	uint32_t hash = hash_name(handler);
	const struct entry *e;
	int64_t until_ms;

	if (p->shown->last_ms <= now_ms)
		return 0;
	e = find(p->shown, client, hash);
	if (!e)
		return 0;
	/* The place may be another client's by now, or become it: then its end
	 * is 0 at first, or it is not this client's any more. */
	until_ms = __atomic_load_n(&e->until_ms, __ATOMIC_SEQ_CST);
	if (until_ms <= now_ms || !is_of(e, client, hash))
		return 0;
	return until_ms - now_ms;
}

int64_t
penalty_of_route_ms(const struct penalties *p, struct address_key client,
    const struct route *route)
{
	int64_t most_ms = 0, left_ms, now_ms;
	size_t i;

	if (!p || !penalties_any(p))
		return 0;
	now_ms = clock_ms();
	for (i = 0; i < route->handler_count; i++) {
		left_ms = penalty_left_ms(p, client, route->handlers[i].name,
		    now_ms);
		if (left_ms > most_ms)
			most_ms = left_ms;
	}
	return most_ms;
}
