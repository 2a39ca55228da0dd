/*
 * Clients that wait for a member of a pool, each on its fiber. A member that becomes
 * free goes to the client that has waited longest in this worker, and every other time
 * to one of another worker.
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ledgers.h"
#include "base/log.h"
#include "config/pool_setting.h"
#include "config/route.h"
#include "worker/internal.h"
#include "worker/lend.h"

/* The first of them looks for itself that often, too. */
#define AGAIN_MS 5

static uint32_t
holder(const struct worker *w)
{
	return LOANS_WORKER + (uint32_t)w->facts.number;
}

/* A member without a link is new, or older than this worker. */
static struct link *
take(struct worker *w, size_t pool, const struct ledger_parcel *parcel)
{
	struct loans *loans = w->facts.loans;
	struct link *link;
	size_t member;

	if (!loans_take(loans, pool, holder(w), parcel, &member))
		return NULL;
	link = &w->lending.links[member];
	if (loans_wake(loans))
		worker_wake_generation(w);
	return link;
}

/*
 * The line of those that wait.
 */

static void
join(struct waiters *all, struct waiter *waiter)
{
	*all->last = waiter;
	all->last = &waiter->next;
}

static void
leave(struct waiters *all, struct waiter *waiter)
{
	struct waiter **at = &all->first;

	while (*at && *at != waiter)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = waiter->next;
	if (!waiter->next)
		all->last = at;
}

static void
grant(struct waiters *all, struct link *link)
{
	struct waiter *first = all->first;

	first->link = link;
	leave(all, first);
	loop_nudge(&first->client->wait.watch);
}

void
lend_look(struct worker *w)
{
	struct waiters *all;
	struct link *link;
	size_t i;

	for (i = 0; i < w->lending.pools; i++) {
		all = &w->lending.waiters[i];
		while (all->first && !loans_are_queued(w->facts.loans, i) &&
		    (link = take(w, i, all->first->parcel)))
			grant(all, link);
	}
}

/*
 * Waiting.
 */

/* Whether it is over: it has got one, or has waited for too long, or is to go another
 * way. */
static bool
is_over(struct waiter *waiter, size_t pool, int64_t until_ms)
{
	struct worker *w = waiter->client->worker;
	struct waiters *all = &w->lending.waiters[pool];

	if (!waiter->link && all->first == waiter &&
	    !loans_are_queued(w->facts.loans, pool)) {
		waiter->link = take(w, pool, waiter->parcel);
		if (waiter->link)
			leave(all, waiter);
	}
	return waiter->link || loans_are_stopped(w->facts.loans) ||
	    clock_ms() >= until_ms;
}

static struct link *
wait_for(struct client *c, const struct route *route,
    const struct ledger_parcel *parcel)
{
	struct worker *w = c->worker;
	struct waiters *all = &w->lending.waiters[route->pool];
	struct waiter waiter = { .client = c, .parcel = parcel };
	const int64_t until_ms = clock_ms() +
	    route->processes->queue_timeout_ms;

	join(all, &waiter);
	/* Which starts a member, or has those at work hurry. */
	worker_wake_generation(w);
	while (!is_over(&waiter, route->pool, until_ms))
		loop_wait_nudged(&c->wait.watch, 0,
		    clock_earlier(until_ms, clock_ms() + AGAIN_MS));
	if (!waiter.link)
		leave(all, &waiter);
	errno = loans_are_stopped(w->facts.loans) ? EAGAIN : EBUSY;
	return waiter.link;
}

static void
log_full(struct worker *w, const struct route *route)
{
	struct loans *loans = w->facts.loans;

	if (ratelimit_allows(&w->ceiling))
		log_warning("route %s: %zu processes are busy, and %zu clients "
			    "wait for one: others get the status 503",
		    route->path, loans_busy(loans, route->pool),
		    loans_waiting(loans, route->pool));
}

struct link *
lend_wait(struct client *c, const struct route *route,
    const struct ledger_parcel *parcel)
{
	struct worker *w = c->worker;
	struct loans *loans = w->facts.loans;
	struct link *link = NULL;

	if (loans_are_stopped(loans)) {
		errno = EAGAIN;
		return NULL;
	}
	if (!loans_admit(loans, route->pool, w->facts.number)) {
		log_full(w, route);
		errno = EBUSY;
		return NULL;
	}
	if (!w->lending.waiters[route->pool].first &&
	    !loans_are_queued(loans, route->pool))
		link = take(w, route->pool, parcel);
	if (!link) {
		loans_wait(loans, route->pool, w->facts.number, 1);
		link = wait_for(c, route, parcel);
		loans_wait(loans, route->pool, w->facts.number, -1);
	}
	if (!link)
		loans_dismiss(loans, route->pool, w->facts.number);
	return link;
}

/*
 * Members that become free.
 */

/* The next one after this that has some. */
static void
ring_other(struct worker *w, size_t pool)
{
	const uint64_t one = 1;
	size_t i, number;

	for (i = 0; i + 1 < w->facts.accepting; i++) {
		number = (w->facts.number + i) % w->facts.accepting + 1;
		if (loans_waiting_of(w->facts.loans, pool, number) == 0)
			continue;
		if (write(w->facts.bells[number - 1], &one, sizeof(one)) < 0)
			log_debug("worker %zu has been rung already", number);
		return;
	}
}

static bool
others_wait(const struct worker *w, size_t pool)
{
	return loans_waiting(w->facts.loans, pool) >
	    loans_waiting_of(w->facts.loans, pool, w->facts.number);
}

void
lend_pass_on(struct link *link, bool is_last)
{
	struct worker *w = link->worker;
	struct loans *loans = w->facts.loans;
	struct waiters *all = &w->lending.waiters[link->pool];
	const bool is_queued = loans_are_queued(loans, link->pool);
	const bool others = others_wait(w, link->pool);

	loans_dismiss(loans, link->pool, w->facts.number);
	if (all->first && !is_last && !is_queued &&
	    loans_holder(loans, link->member) == holder(w) &&
	    !loans_are_stopped(loans) && !(others && w->lending.turn++ % 2)) {
		loans_keep(loans, link->member, all->first->parcel);
		grant(all, link);
		return;
	}
	loans_give(loans, link->member, holder(w), is_last);
	if (is_last || is_queued)
		worker_wake_generation(w);
	else if (others)
		ring_other(w, link->pool);
}

void
lend_give_up(struct link *link, bool has_ended)
{
	struct worker *w = link->worker;

	loans_undo(w->facts.loans, link->member, holder(w));
	loans_dismiss(w->facts.loans, link->pool, w->facts.number);
	loans_give(w->facts.loans, link->member, holder(w), has_ended);
	if (has_ended)
		worker_wake_generation(w);
}
