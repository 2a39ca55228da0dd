/*
 * Children: the connection processes of a generation, in a fixed number of
 * slots. Pids are kept only here, in memory that no child can write, and only
 * as long as the process was not waited for.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_CHILDREN_H
#define PRONG_GENERATION_CHILDREN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/address.h"
#include "generation/presence.h"
#include "generation/watchdog.h"

struct child {
	pid_t pid;
	size_t worker;	/* the number of its ledger; 0: a connection process */
	bool is_member; /* of a pool: a worker that has one client at a time, */
	bool is_idle;	/* and has none at the moment */
	bool counted;	/* by the crowd, under client_key */
	struct address_key client_key;
	struct address client;
	struct address_key key; /* of the client, for penalties */
	int64_t began_ms;	/* clock_ms: the connection was accepted */
	int64_t told_ms;	/* to end, for the crowd; 0: not */
	uint64_t told_requests; /* the page's number then */
	bool was_told;		/* once, and went on with a request */
	uint32_t next;		/* link of the free list, or the bucket */
	bool killed;		/* by prong */
	bool is_limited;	/* at a limit of its handler */
	int64_t asked_ms;	/* to end; 0: not asked */
	bool is_stuck;		/* and was reported */
	bool is_reserved;	/* came to status_listen */
	struct watchdog_view view;
	uint64_t kept; /* the porter's number of its socket; 0: none */
	struct presence presence;
	const struct route *admitted; /* it has a ceiling of processes; NULL */
};

struct children;

/* The slots of max connections: more, because a slot is retired when a process
 * may be left that has its page of the scoreboard. Other tables of connections
 * have as many. */
size_t children_slots_for(size_t max, size_t workers);

/* For max connection processes, and so many workers, which have the first slots.
 * guarded: some processes are guardians. In memory that a fork does not copy. NULL
 * and errno. */
struct children *children_new(size_t max, size_t workers, bool guarded);

/* The connection processes, and the workers. */
size_t children_count(const struct children *children);
size_t children_workers(const struct children *children);
size_t children_slots(const struct children *children);

/* Whether a slot is left; false when the others are used or retired. */
bool children_have_slot(const struct children *children);

/* Whether half of the spare slots are retired, so that the generation should be
 * replaced; logged, and true every ten seconds. */
bool children_are_short(struct children *children);

/* The slot of the next child; the caller makes sure that one is free. */
size_t children_next_slot(const struct children *children);

/* Puts a child in that slot; its pid is filled in. */
struct child *children_add(struct children *children, pid_t pid);

/* Puts a worker in that slot, which is unused. */
struct child *children_add_worker(struct children *children, size_t slot,
    pid_t pid);

/* The child with that pid, and its *slot; NULL when there is none. */
struct child *children_find(struct children *children, pid_t pid, size_t *slot);

/* The child in a slot, NULL when the slot is free or beyond the last. */
struct child *children_at(struct children *children, size_t slot);

/* Frees the slot of a child that was waited for, and that has left no process
 * behind. */
void children_remove(struct children *children, pid_t pid);

/* The same where that is not proven: the slot is never used again, since what
 * was left behind still has its page of the scoreboard. */
void children_retire(struct children *children, pid_t pid);

/* Ends a child. Where there are guardians it gets SIGTERM, by which a guardian
 * ends everything that it guards, and SIGKILL if it lives a second later.
 * children_insist sends that, and reports those that do not end; it returns the
 * time of its next call (clock_ms), INT64_MAX when none is needed. */
void children_end(struct children *children, struct child *child);
int64_t children_insist(struct children *children);

/* Ends all children; returns their number. */
size_t children_end_all(struct children *children);

#endif
