/*
 * Shared by the parts of workers, and by pools, only: workers.c (their lives),
 * workers_start.c, workers_end.c, workers_parcels.c (what they give away), and
 * workers_pass.c (where that can go on).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_WORKERS_INTERNAL_H
#define PRONG_GENERATION_WORKERS_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/ledgers.h"
#include "base/ratelimit.h"
#include "config/route.h"
#include "generation/stillness.h"
#include "generation/workers.h"

/* The numbers of what a worker gives away begin with how many there were in its
 * place, so that none is used twice. */
#define WORKERS_STARTS_SHIFT 32

/* A connection that goes on in another process. */
struct given {
	uint64_t number; /* the porter's */
	struct ledger_parcel parcel;
};

struct place {
	pid_t pid;	    /* 0: none */
	bool is_remembered; /* by the porter, which has to forget the last */
	uint64_t starts;    /* so far */
	int64_t began_ms, next_ms;
	struct stillness stillness;
	/* The last ones that were passed to it, in a ring. */
	uint64_t passed;
	struct given last[LEDGERS_ON_WAY];
	uint64_t taken;	 /* connections that it has given away */
	uint64_t newest; /* the number of the last one of these */
	bool has_lied;	 /* and is not heard any more */
	/* Of the member of a pool (pools.h). */
	int wake;	     /* its eventfd; 0: none */
	bool is_busy;	     /* it has a client, this one */
	bool is_urged;	     /* it was told that others wait */
	bool is_ending;	     /* it was told to, */
	int64_t told_ms;     /* then (clock_ms) */
	struct given client; /* the last one that was passed to it, */
	uint64_t clients;    /* of so many */
	int64_t idle_ms;     /* of clock_ms: since then it has had none */
	bool is_open;	     /* for loans (base/loans.h), */
	uint64_t loans_seen; /* and had so many clients at the last look */
	bool is_stale; /* it has no link to a worker that has been replaced */
	/* Of a worker that lends: where the generation writes letters. 0: none */
	int letters;
};

struct workers {
	struct processes *processes;
	/* An eventfd for each kind, and each member of a pool: who runs handlers of
	 * others could read what was written there for the generation. So nobody
	 * needs to read; an epoll descriptor tells that something was written. */
	int wakes[ROUTE_PLACES];
	int woken;
	bool is_stopping;
	int *listeners; /* private; their numbers are in memory of all */
	size_t listener_count;
	size_t count, accepting; /* those that accept come first */
	size_t members;		 /* of pools, in the places behind */
	struct pools *pools;
	size_t room;	  /* of those that accept together */
	int64_t watch_ms; /* next */
	struct ratelimit not_forked, not_served;
	struct place places[];
};

/* The place of the routes that the worker in a place serves. */
static inline enum route_place
workers_serve(const struct workers *w, size_t place)
{
	if (place >= w->count)
		return ROUTE_POOL;
	return place < w->accepting ? ROUTE_WORKER : ROUTE_SHARED;
}

/* Makes an eventfd by which the generation is woken. -1 and errno. */
int workers_make_wake(struct workers *workers, int *wake);

/* Until a connection that was given away is tried again. */
#define WORKERS_PARCEL_MS 20

/* Who has the process of a place that has been forked, and who forks it: descriptors of
 * both. */
struct ends {
	size_t count;
	int *theirs, *ours;
};

/* Forks the process of a place: a worker, or a member of the pool of that route. False
 * and errno. */
bool workers_start(struct workers *workers, size_t place,
    const struct route *member_of);

/* The porter forgets the parcels of the worker that had that place before: the next one
 * has another socket. False and errno: not yet. */
bool workers_forget(struct workers *workers, size_t place);

/* Forks a process for a connection that was given away. admitted: to that route; NULL:
 * to none. False after logging: it has to be tried again. */
bool workers_give_process(struct workers *workers, const struct given *given,
    const struct route *admitted);

/* A connection was passed to the worker in that place. */
void workers_note_passed(struct workers *workers, size_t place,
    const struct given *given);

/* The living worker for these routes that has the fewest connections, and that takes
 * what it is sent; workers->count: there is none. */
size_t workers_choose(const struct workers *workers, enum route_place place);

/* A worker has ended: what was on its way to it goes elsewhere. Before the porter
 * forgets the worker. */
void workers_return_parcels(struct workers *workers, size_t place);

/* Has what a worker gives away served. False: some are left. */
bool workers_take_parcels(struct workers *workers, size_t place);

#endif
