/* SPDX-License-Identifier: ISC */
#include "generation/pools.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/dontfork.h"
#include "base/ledgers.h"
#include "base/log.h"
#include "base/nudge.h"
#include "base/ratelimit.h"
#include "base/refused.h"
#include "base/scoreboard.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/pool_setting.h"
#include "config/route.h"
#include "generation/children.h"
#include "generation/porter.h"
#include "generation/processes_internal.h"
#include "generation/workers_internal.h"

/* After a member has ended before it was ready, the next one waits: so long at first,
 * and twice as long each time. */
#define FIRST_PAUSE_MS 100
#define LAST_PAUSE_MS  5000

/* Until what could not be done is tried again. */
#define AGAIN_MS 20

/* A client that waits. */
struct waiting {
	struct given given;
	int64_t until_ms;
};

struct pool {
	const struct route *route;
	size_t first, count; /* its places */
	size_t live;	     /* members that have a process */
	/* Those that wait, in a ring: as many as may, and one for each process that is
	 * to be started. */
	struct waiting *queue;
	size_t ring, queue_first, queued;
	int64_t pause_ms, next_ms; /* of starts; next_ms 0: at once */
	struct ratelimit failed, full;
};

struct pools {
	struct workers *workers;
	size_t count, connections;
	bool is_stopping;
	struct pool all[];
};

/*
 * The configuration.
 */

/* The next route that has a pool; NULL: there are no more. */
static const struct route *
next_route(const struct configuration *c, size_t *cursor)
{
	const struct handler *handler;

	while ((handler = configuration_next_handler(c, cursor)))
		if (handler->route->place == ROUTE_POOL &&
		    handler == &handler->route->handlers[0])
			return handler->route;
	return NULL;
}

size_t
pools_places(const struct configuration *c)
{
	const struct route *route;
	size_t cursor = 0, sum = 0;

	while ((route = next_route(c, &cursor)))
		sum += route->processes->max;
	return sum;
}

static size_t
count_pools(const struct configuration *c)
{
	size_t cursor = 0, count = 0;

	while (next_route(c, &cursor))
		count++;
	return count;
}

static bool
fill(struct pool *pool, const struct route *route, size_t first)
{
	const struct pool_setting *s = route->processes;

	*pool = (struct pool){ .route = route,
		.first = first,
		.count = s->max,
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
	while ((route = next_route(c, &cursor))) {
		if (!fill(&p->all[p->count++], route, first))
			return NULL;
		first += route->processes->max;
	}
	return p;
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

static struct place *
place_at(const struct pools *p, size_t place)
{
	return &p->workers->places[place];
}

static struct processes *
processes_of(const struct pools *p)
{
	return p->workers->processes;
}

/*
 * Ceilings hold for those that wait, and those of members, too.
 */

static bool
is_counted(const struct pools *p, const struct given *given)
{
	return !configuration_trusts(processes_of(p)->facts.configuration,
	    &given->parcel.peer);
}

static void
count_in(struct pools *p, const struct given *given)
{
	struct ledgers *ledgers = processes_of(p)->facts.ledgers;

	p->connections++;
	ledgers_count(ledgers, LEDGERS_GENERATION, 1);
	if (is_counted(p, given))
		ledgers_enter(ledgers, LEDGERS_GENERATION,
		    address_client_key(&given->parcel.peer));
}

static void
count_out(struct pools *p, const struct given *given)
{
	struct ledgers *ledgers = processes_of(p)->facts.ledgers;

	p->connections--;
	if (is_counted(p, given))
		ledgers_leave(ledgers, LEDGERS_GENERATION,
		    address_client_key(&given->parcel.peer));
	ledgers_count(ledgers, LEDGERS_GENERATION, -1);
}

size_t
pools_connections(const struct pools *p)
{
	return p->connections;
}

/*
 * Members.
 */

static bool
is_ready(const struct pools *p, size_t place)
{
	return place_at(p, place)->pid != 0 &&
	    ledgers_used_rows(processes_of(p)->facts.ledgers, place + 1) > 0;
}

static bool
is_free(const struct pools *p, size_t place)
{
	const struct place *member = place_at(p, place);

	return is_ready(p, place) && !member->is_busy && !member->is_ending;
}

/* Of those that were not told to end. */
static size_t
count_if(const struct pools *p, const struct pool *pool, bool is_busy)
{
	size_t i, count = 0;

	for (i = pool->first; i < pool->first + pool->count; i++)
		count += place_at(p, i)->pid != 0 &&
		    place_at(p, i)->is_busy == is_busy &&
		    !place_at(p, i)->is_ending;
	return count;
}

/* The lowest one, so that the last ones become idle. pool->count: there is none. */
static size_t
find_free(const struct pools *p, const struct pool *pool)
{
	size_t i = 0;

	while (i < pool->count && !is_free(p, pool->first + i))
		i++;
	return i;
}

/* The watchdog looks at it as at the process of that client. */
static void
show_client(const struct pools *p, size_t place, const struct given *given)
{
	struct child *child = children_at(processes_of(p)->children, place);
	const struct ledger_parcel *parcel = &given->parcel;

	if (!child)
		return;
	child->client = parcel->peer;
	child->key = parcel->key;
	child->is_idle = false;
	child->presence = (struct presence){ .client = parcel->peer,
		.server = parcel->server,
		.inode = parcel->inode };
	watchdog_begin(&child->view, clock_ms());
}

/* False: the porter does not keep up. */
static bool
pass(struct pools *p, size_t place, const struct given *given)
{
	struct place *member = place_at(p, place);

	if (!porter_pass(processes_of(p)->facts.porter, given->number, place,
		false))
		return false;
	workers_note_passed(p->workers, place, given);
	member->is_busy = true;
	member->client = *given;
	member->clients++;
	show_client(p, place, given);
	return true;
}

static bool
pass_to_free(struct pools *p, const struct pool *pool,
    const struct given *given)
{
	const size_t i = find_free(p, pool);

	return i < pool->count && pass(p, pool->first + i, given);
}

/* It is idle again, or for the first time. */
static void
note_idle(struct pools *p, size_t place, int64_t now_ms)
{
	struct place *member = place_at(p, place);
	struct child *child = children_at(processes_of(p)->children, place);

	if (child)
		child->is_idle = true;
	if (!member->is_busy)
		return;
	count_out(p, &member->client);
	member->is_busy = false;
	member->idle_ms = now_ms;
}

static void
look_at_members(struct pools *p, const struct pool *pool, int64_t now_ms)
{
	const struct ledgers *ledgers = processes_of(p)->facts.ledgers;
	size_t i;

	for (i = pool->first; i < pool->first + pool->count; i++) {
		const struct place *member = place_at(p, i);

		if (member->pid == 0 || !is_ready(p, i))
			continue;
		if (!member->is_busy || ledgers_in(ledgers, i + 1) == 0)
			note_idle(p, i, now_ms);
	}
}

/*
 * The queue.
 */

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
	porter_adopt(processes_of(p)->facts.porter, given->number);
	pool->queue[at] = (struct waiting){ *given,
		clock_ms() + pool->route->processes->queue_timeout_ms };
	pool->queued++;
	count_in(p, given);
}

static bool
has_room(const struct pools *p, const struct pool *pool)
{
	const size_t waits = pool->queued + count_if(p, pool, true);

	return waits < pool->ring;
}

/* A worker says it. False: none takes it at the moment. */
static bool
refuse(struct pools *p, struct pool *pool, const struct given *given)
{
	struct workers *w = p->workers;
	const size_t to = workers_choose(w, ROUTE_WORKER);

	if (to == w->count ||
	    !porter_pass(processes_of(p)->facts.porter, given->number, to,
		true))
		return false;
	workers_note_passed(w, to, given);
	if (ratelimit_allows(&pool->full))
		log_warning("route %s: %zu processes are busy, and %zu clients "
			    "wait for one: others get the status 503",
		    pool->route->path, count_if(p, pool, true), pool->queued);
	return true;
}

/* Those that wait get a member, or a 503. Returns when it has to be looked at
 * again. */
static int64_t
serve_queue(struct pools *p, struct pool *pool, int64_t now_ms)
{
	while (pool->queued > 0) {
		const struct waiting *first = first_of(pool);
		const struct given given = first->given;

		if (pass_to_free(p, pool, &given)) {
			drop_first(pool);
			continue;
		}
		if (now_ms < first->until_ms)
			return find_free(p, pool) < pool->count ?
			    now_ms + AGAIN_MS :
			    first->until_ms;
		if (!refuse(p, pool, &given))
			return now_ms + AGAIN_MS;
		count_out(p, &given);
		drop_first(pool);
	}
	return INT64_MAX;
}

bool
pools_take(struct pools *p, const struct given *given)
{
	struct pool *pool;

	if (given->parcel.pool >= p->count || p->is_stopping)
		return workers_give_process(p->workers, given);
	pool = &p->all[given->parcel.pool];
	if (pool->queued == 0 && pass_to_free(p, pool, given)) {
		count_in(p, given);
		return true;
	}
	if (!has_room(p, pool))
		return refuse(p, pool, given);
	put_last(p, pool, given);
	return true;
}

/*
 * The number of members.
 */

static bool
start(struct pools *p, struct pool *pool, int64_t now_ms)
{
	size_t i = pool->first;

	while (i < pool->first + pool->count && place_at(p, i)->pid != 0)
		i++;
	if (i == pool->first + pool->count)
		return false;
	if (workers_start(p->workers, i)) {
		pool->live++;
		return true;
	}
	pool->next_ms = now_ms + AGAIN_MS;
	if (ratelimit_allows(&pool->failed))
		log_error("route %s: cannot start a process: %s%s",
		    pool->route->path, strerror(errno), refused_hint(errno));
	return false;
}

/* As many as have clients, as wait, and some in reserve. Returns the time of the next
 * call. */
static int64_t
start_missing(struct pools *p, struct pool *pool, int64_t now_ms)
{
	const size_t busy = count_if(p, pool, true);
	size_t free = count_if(p, pool, false);

	while (free < pool->queued + pool->route->processes->spare &&
	    busy + free < pool->count) {
		if (now_ms < pool->next_ms)
			return pool->next_ms;
		if (!start(p, pool, now_ms))
			return pool->next_ms > now_ms ? pool->next_ms :
							INT64_MAX;
		free++;
	}
	return INT64_MAX;
}

static void
end_member(const struct pools *p, size_t place)
{
	struct processes *processes = processes_of(p);
	const struct child *child = children_at(processes->children, place);

	place_at(p, place)->is_ending = true;
	scoreboard_tell_stop(processes->facts.scoreboard, place);
	if (child)
		nudge_send(child->pid);
}

/* Those that have been idle for long, beyond the reserve. Returns the time of the next
 * call. */
static int64_t
end_idle(struct pools *p, const struct pool *pool, int64_t now_ms)
{
	const struct pool_setting *s = pool->route->processes;
	size_t free = count_if(p, pool, false);
	int64_t next_ms = INT64_MAX;
	size_t i;

	for (i = pool->first + pool->count;
	     i-- > pool->first && free > s->spare;) {
		if (!is_free(p, i))
			continue;
		if (now_ms - place_at(p, i)->idle_ms >= s->idle_ms) {
			end_member(p, i);
			free--;
		} else {
			next_ms = clock_earlier(next_ms,
			    place_at(p, i)->idle_ms + s->idle_ms);
		}
	}
	return next_ms;
}

static int64_t
keep(struct pools *p, struct pool *pool, int64_t now_ms)
{
	int64_t next_ms;

	look_at_members(p, pool, now_ms);
	next_ms = serve_queue(p, pool, now_ms);
	next_ms = clock_earlier(next_ms, start_missing(p, pool, now_ms));
	return clock_earlier(next_ms, end_idle(p, pool, now_ms));
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

int64_t
pools_keep(struct pools *p)
{
	const int64_t now_ms = clock_ms();
	int64_t next_ms = INT64_MAX;
	size_t i;

	for (i = 0; i < p->count && !p->is_stopping; i++)
		next_ms = clock_earlier(next_ms, keep(p, &p->all[i], now_ms));
	processes_of(p)->watchdog.members = count_at_work(p);
	return next_ms;
}

/*
 * Ends.
 */

bool
pools_can_blame(const struct pools *p, size_t place)
{
	return place_at(p, place)->is_busy && place_at(p, place)->clients == 1;
}

/* One that was never ready is tried again later and later. */
static void
note_failure(struct pool *pool, int64_t now_ms)
{
	pool->pause_ms = pool->pause_ms == 0 ? FIRST_PAUSE_MS :
					       2 * pool->pause_ms;
	if (pool->pause_ms > LAST_PAUSE_MS)
		pool->pause_ms = LAST_PAUSE_MS;
	pool->next_ms = now_ms + pool->pause_ms;
	if (ratelimit_allows(&pool->failed))
		log_error("route %s: a process has ended before it was ready; "
			  "the next one is started in %" PRId64 " ms",
		    pool->route->path, pool->pause_ms);
}

void
pools_note_end(struct pools *p, size_t place)
{
	struct pool *pool = &p->all[pool_of(p, place)];
	struct place *member = place_at(p, place);

	if (member->is_busy)
		count_out(p, &member->client);
	if (ledgers_used_rows(processes_of(p)->facts.ledgers, place + 1) > 0)
		pool->pause_ms = pool->next_ms = 0;
	else if (!member->is_ending && !p->is_stopping)
		note_failure(pool, clock_ms());
	member->is_busy = member->is_ending = false;
	member->clients = 0;
	pool->live--;
}

void
pools_stop(struct pools *p)
{
	size_t i;

	p->is_stopping = true;
	for (i = 0; i < p->count; i++) {
		struct pool *pool = &p->all[i];

		for (; pool->queued > 0; drop_first(pool)) {
			const struct given given = first_of(pool)->given;

			count_out(p, &given);
			if (!workers_give_process(p->workers, &given))
				log_warning("a client that waits for route %s "
					    "is cut",
				    pool->route->path);
		}
	}
}
