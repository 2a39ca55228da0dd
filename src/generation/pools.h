/*
 * Pools: the processes of routes whose processes serve one client after the other
 * (worker/member.h), and the clients that wait for one. Members have the last places
 * of all workers (workers_internal.h).
 *
 * Workers that accept lend connections to members without the generation, and count
 * them (base/loans.h). Other connections go by the porter, and the generation counts
 * them: what a member says is believed no further than that it is idle.
 *
 *	worker ──number──▶ generation ──pass──▶ porter ──parcel──▶ member
 *	                       │ all are busy
 *	                       ▼
 *	                     queue ──full, or waited too long──▶ worker: 503
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_POOLS_H
#define PRONG_GENERATION_POOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct child;
struct configuration;
struct given;
struct pools;
struct route;
struct workers;

/* How many members there may be, in all pools. */
size_t pools_places(const struct configuration *configuration);

/* For the workers, which live as long. NULL and errno. */
struct pools *pools_new(struct workers *workers);

/* The route of the pool that has that place of the workers. */
const struct route *pools_route(const struct pools *pools, size_t place);

/* A connection for a pool: it goes to a member, waits, or gets a 503. False: it has to
 * be tried again. */
bool pools_take(struct pools *pools, const struct given *given);

/* Starts members that are missing, ends those that are too many, and looks after those
 * that wait. Returns the time of the next call (clock_ms), INT64_MAX when none is
 * needed. */
int64_t pools_keep(struct pools *pools);

/* Around the fork of a worker that accepts: what it has for loans; the generation's end of
 * its letters. pools_send_links follows the fork of a member, and tells the workers. False
 * and errno. */
struct worker_facts;
bool pools_lend_to(struct pools *pools, size_t place,
    struct worker_facts *worker);
void pools_note_lender(struct pools *pools, const struct worker_facts *worker);
bool pools_make_links(struct pools *pools, struct worker_facts *member);
void pools_send_links(struct pools *pools, size_t place, bool has_failed);
/* A worker that accepts has ended. */
void pools_note_lender_end(struct pools *pools, size_t place);

/* Before the end of a member is put down to its client: whose it is. */
void pools_note_client(struct pools *pools, size_t place);

/* The member of that place has ended, and was forgotten by the porter; its ledger was not
 * cleared yet. */
void pools_note_end(struct pools *pools, size_t place);

/* Whether a crash of the member of that place can be put down to its client: it has had
 * no other one. */
bool pools_can_blame(const struct pools *pools, size_t place);

/* The generation stops or drains: what waits gets processes of its own. */
void pools_stop(struct pools *pools);

/* Connections that are served by members, or wait for one. */
size_t pools_connections(const struct pools *pools);

#endif
