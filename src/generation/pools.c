/* SPDX-License-Identifier: ISC */
#include "generation/pools_internal.h"

#include "base/clock.h"
#include "base/dontfork.h"
#include "base/ledgers.h"
#include "config/configuration.h"
#include "config/place.h"
#include "generation/children.h"

/* Between two looks at members that workers lend clients to. */
#define LENT_MS 100

/*
 * The configuration.
 */

/* Of members. */
static size_t
places_of(const struct route *route)
{
	return place_has_ceiling(route) ? 0 : route->processes->max;
}

size_t
pools_places(const struct configuration *c)
{
	const struct route *route;
	size_t cursor = 0, sum = 0;

	while ((route = place_next_pool(c, &cursor)))
		sum += places_of(route);
	return sum;
}

static size_t
count_pools(const struct configuration *c)
{
	size_t cursor = 0, count = 0;

	while (place_next_pool(c, &cursor))
		count++;
	return count;
}

static bool
fill(struct pool *pool, const struct route *route, size_t first)
{
	const struct pool_setting *s = route->processes;

	*pool = (struct pool){ .route = route,
		.first = first,
		.count = places_of(route),
		.ring = s->queue + s->max };
	pool->queue = dontfork_alloc(pool->ring * sizeof(pool->queue[0]));
	return pool->queue;
}

struct pools *
pools_new(struct workers *w)
{
	const struct configuration *c = w->processes->facts.configuration;
	const size_t count = count_pools(c);
	struct pools *p = dontfork_alloc(sizeof(*p) +
	    count * sizeof(p->all[0]));
	const struct route *route;
	size_t cursor = 0, first = w->count;

	if (!p)
		return NULL;
	p->workers = w;
	while ((route = place_next_pool(c, &cursor))) {
		if (!fill(&p->all[p->count++], route, first))
			return NULL;
		first += places_of(route);
	}
	return pools_open_loans(p) ? p : NULL;
}

/* The number of the pool that has that place. */
static size_t
pool_of(const struct pools *p, size_t place)
{
	size_t i = 0;

	while (i + 1 < p->count && place >= p->all[i + 1].first)
		i++;
	return i;
}

const struct route *
pools_route(const struct pools *p, size_t place)
{
	return p->all[pool_of(p, place)].route;
}

bool
pools_take(struct pools *p, const struct given *given)
{
	struct pool *pool;

	if (given->parcel.pool >= p->count || p->is_stopping)
		return workers_give_process(p->workers, given, NULL);
	pool = &p->all[given->parcel.pool];
	if (pool->queued > 0 || !pools_pass(p, pool, given))
		return pools_wait_or_refuse(p, pool, given);
	if (pool->count > 0)
		pools_count_in(p, given);
	return true;
}

static int64_t
keep(struct pools *p, struct pool *pool, int64_t now_ms)
{
	int64_t next_ms;

	pools_look(p, pool, now_ms);
	next_ms = pools_serve_queue(p, pool, now_ms);
	if (pools_tell_loans(p, pool) > 0)
		next_ms = clock_earlier(next_ms, now_ms + POOLS_AGAIN_MS);
	pools_urge(p, pool);
	next_ms = clock_earlier(next_ms, pools_start_missing(p, pool, now_ms));
	return clock_earlier(next_ms, pools_end_idle(p, pool, now_ms));
}

/* Whom the watchdog has to look at. */
static size_t
count_at_work(const struct pools *p)
{
	const struct workers *w = p->workers;
	size_t i, count = 0;

	for (i = w->count; i < w->count + w->members; i++) {
		const struct child *child = children_at(w->processes->children,
		    i);

		count += child && !child->is_idle;
	}
	return count;
}

/* Or waits until members without links have ended. */
static bool
has_lent(const struct pools *p)
{
	const struct workers *w = p->workers;
	size_t i;

	for (i = w->count; i < w->count + w->members; i++)
		if (pools_is_lent(p, i) || w->places[i].is_stale)
			return true;
	return false;
}

int64_t
pools_keep(struct pools *p)
{
	const int64_t now_ms = clock_ms();
	int64_t next_ms = INT64_MAX;
	size_t i;

	/* What is lent from here on wakes the generation. */
	if (p->loans)
		loans_rest(p->loans);
	for (i = 0; i < p->count && !p->is_stopping; i++)
		next_ms = clock_earlier(next_ms, keep(p, &p->all[i], now_ms));
	pools_processes(p)->watchdog.members = count_at_work(p);
	if (p->loans && has_lent(p)) {
		loans_wake(p->loans);
		next_ms = clock_earlier(next_ms, now_ms + LENT_MS);
	}
	return next_ms;
}

void
pools_note_end(struct pools *p, size_t place)
{
	struct pool *pool = &p->all[pool_of(p, place)];
	struct place *member = pools_place(p, place);

	if (member->is_busy)
		pools_count_out(p, &member->client);
	pools_pause_starts(pool,
	    ledgers_used_rows(pools_processes(p)->facts.ledgers, place + 1) ==
		    0 &&
		!member->is_ending && !p->is_stopping);
	member->is_busy = member->is_ending = member->is_urged = false;
	member->is_open = member->is_stale = false;
	member->loans_seen = member->clients = 0;
	if (p->loans)
		loans_end(p->loans, pools_member(p, place),
		    ledgers_begun(pools_processes(p)->facts.ledgers,
			place + 1));
}

void
pools_stop(struct pools *p)
{
	size_t i;

	p->is_stopping = true;
	if (p->loans)
		loans_stop(p->loans);
	for (i = 0; i < p->count; i++)
		pools_empty_queue(p, &p->all[i]);
}
