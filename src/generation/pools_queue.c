/*
 * The clients that wait for a member of a pool.
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/pools_internal.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/ratelimit.h"
#include "generation/porter.h"

static struct waiting *
first_of(struct pool *pool)
{
	return &pool->queue[pool->queue_first];
}

static void
drop_first(struct pool *pool)
{
	pool->queue_first = (pool->queue_first + 1) % pool->ring;
	pool->queued--;
}

static void
put_last(struct pools *p, struct pool *pool, const struct given *given)
{
	const size_t at = (pool->queue_first + pool->queued) % pool->ring;

	/* It outlives its worker. */
	porter_adopt(pools_processes(p)->facts.porter, given->number);
	pool->queue[at] = (struct waiting){ *given,
		clock_ms() + pool->route->processes->queue_timeout_ms };
	pool->queued++;
	pools_count_in(p, given);
}

static bool
has_room(const struct pools *p, const struct pool *pool)
{
	return pool->queued + pools_count_busy(p, pool) < pool->ring;
}

/* A worker says it. False: none takes it at the moment. */
static bool
refuse(struct pools *p, struct pool *pool, const struct given *given)
{
	struct workers *w = p->workers;
	const size_t to = workers_choose(w, ROUTE_WORKER);

	if (to == w->count ||
	    !porter_pass(pools_processes(p)->facts.porter, given->number, to,
		true))
		return false;
	workers_note_passed(w, to, given);
	if (ratelimit_allows(&pool->full))
		log_warning("route %s: %zu processes are busy, and %zu clients "
			    "wait for one: others get the status 503",
		    pool->route->path, pools_count_busy(p, pool), pool->queued);
	return true;
}

int64_t
pools_serve_queue(struct pools *p, struct pool *pool, int64_t now_ms)
{
	while (pool->queued > 0) {
		const struct waiting *first = first_of(pool);
		const struct given given = first->given;

		if (pools_pass(p, pool, &given)) {
			/* A process of its own counts itself. */
			if (pool->count == 0)
				pools_count_out(p, &given);
			drop_first(pool);
			continue;
		}
		if (now_ms < first->until_ms)
			return pools_has_free(p, pool) ?
			    now_ms + POOLS_AGAIN_MS :
			    first->until_ms;
		if (!refuse(p, pool, &given))
			return now_ms + POOLS_AGAIN_MS;
		pools_count_out(p, &given);
		drop_first(pool);
	}
	return INT64_MAX;
}

bool
pools_wait_or_refuse(struct pools *p, struct pool *pool,
    const struct given *given)
{
	if (!has_room(p, pool))
		return refuse(p, pool, given);
	put_last(p, pool, given);
	return true;
}

void
pools_empty_queue(struct pools *p, struct pool *pool)
{
	for (; pool->queued > 0; drop_first(pool)) {
		const struct given given = first_of(pool)->given;

		pools_count_out(p, &given);
		if (!workers_give_process(p->workers, &given, NULL))
			log_warning("a client that waits for route %s is cut",
			    pool->route->path);
	}
}
