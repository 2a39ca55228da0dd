/*
 * Shared by the parts of pools only: pools.c, pools_look.c (which members have become
 * idle), pools_members.c (who has which), pools_number.c (how many there are),
 * pools_queue.c (clients that wait), pools_loans.c and pools_links.c (what workers do
 * without the generation).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_POOLS_INTERNAL_H
#define PRONG_GENERATION_POOLS_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/loans.h"
#include "base/ratelimit.h"
#include "config/pool_setting.h"
#include "config/route.h"
#include "generation/pools.h"
#include "generation/processes_internal.h"
#include "generation/workers_internal.h"

/* Until what could not be done is tried again. */
#define POOLS_AGAIN_MS 20

/* A client that waits. */
struct waiting {
	struct given given;
	int64_t until_ms;
};

struct pool {
	const struct route *route;
	/* Its places; count is 0 where each connection has a process, up to a
	 * ceiling. */
	size_t first, count;
	/* Those that wait, in a ring: as many as may, and one for each process that is
	 * to be started. */
	struct waiting *queue;
	size_t ring, queue_first, queued;
	int64_t pause_ms, next_ms; /* of starts; next_ms 0: at once */
	struct ratelimit failed, full;
};

struct pools {
	struct workers *workers;
	struct loans *loans; /* NULL: nothing is lent */
	int *bells;	     /* of the workers that lend */
	struct ends links;   /* of the member that is to be started */
	size_t count, connections;
	bool is_stopping;
	struct pool all[];
};

static inline struct place *
pools_place(const struct pools *p, size_t place)
{
	return &p->workers->places[place];
}

static inline struct processes *
pools_processes(const struct pools *p)
{
	return p->workers->processes;
}

/* The member of that place, as loans have it. */
static inline size_t
pools_member(const struct pools *p, size_t place)
{
	return place - p->workers->count;
}

/* Makes the memory of loans, and the bells. False and errno. */
bool pools_open_loans(struct pools *pools);

/* Whether a worker has lent it a client. */
bool pools_is_lent(const struct pools *pools, size_t place);

/* Whether a worker has lent it a client, by its own page: also when it has ended. */
bool pools_had_loan(const struct pools *pools, size_t place);

/* Tells workers of the pool. Returns how many clients wait there for a member. */
size_t pools_tell_loans(struct pools *pools, const struct pool *pool);

/* Shows the watchdog whose client the member has. */
void pools_show_client(const struct pools *pools, size_t place,
    const struct ledger_parcel *client);

/* A connection that is served, or waits, counts towards the ceilings. */
void pools_count_in(struct pools *pools, const struct given *given);
void pools_count_out(struct pools *pools, const struct given *given);

/* Members that have a process, and were not told to end: with a client, or without. */
size_t pools_count_members(const struct pools *pools, const struct pool *pool,
    bool is_busy);

/* Processes that have a client, of a pool of either kind. */
size_t pools_count_busy(const struct pools *pools, const struct pool *pool);

/* Whether the member has called child; is free for a client; whether one of the pool is, or may be
 * forked for it. */
bool pools_is_ready(const struct pools *pools, size_t place);
bool pools_is_free(const struct pools *pools, size_t place);
bool pools_has_free(const struct pools *pools, const struct pool *pool);

/* Passes the connection to a member, or forks a process for it. False: none is free, or the porter does not keep
 * up. */
bool pools_pass(struct pools *pools, const struct pool *pool,
    const struct given *given);

/* Finds out which members have become idle. */
void pools_look(struct pools *pools, const struct pool *pool, int64_t now_ms);

/* Tells members that have a client whether others wait. */
void pools_urge(const struct pools *pools, const struct pool *pool);

/* Starts as many members as have clients, as wait, and some in reserve; ends those that
 * are idle for long, beyond the reserve. They return the time of the next call. */
int64_t pools_start_missing(struct pools *pools, struct pool *pool,
    int64_t now_ms);
int64_t pools_end_idle(struct pools *pools, const struct pool *pool,
    int64_t now_ms);

/* Tells an idle member to end. False: it has got a client. */
bool pools_end_member(const struct pools *pools, size_t place);

/* A member has ended. is_failure: before it was ready. */
void pools_pause_starts(struct pool *pool, bool is_failure);

/* Puts a client into the queue, or has it refused. False: it has to be tried again. */
bool pools_wait_or_refuse(struct pools *pools, struct pool *pool,
    const struct given *given);

/* Those that wait get a member, or a 503. Returns the time of the next call. */
int64_t pools_serve_queue(struct pools *pools, struct pool *pool,
    int64_t now_ms);

/* Those that wait get processes of their own. */
void pools_empty_queue(struct pools *pools, struct pool *pool);

#endif
