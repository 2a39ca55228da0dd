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
#include "generation/watchdog.h"

struct guest;

struct child {
	pid_t pid;
	bool counted; /* by the crowd, under client_key */
	struct address_key client_key;
	struct address client;
	struct address_key key; /* of the client, for penalties */
	int64_t began_ms;	/* clock_ms: the connection was accepted */
	int64_t told_ms;	/* to end, for the crowd; 0: not */
	uint64_t told_requests; /* the page's number then */
	bool was_told;		/* once, and went on with a request */
	uint32_t next;		/* of the free list, or the bucket */
	bool killed;		/* by prong */
	bool is_reserved;	/* came to status_listen */
	bool has_old_logs;	/* forked before the logs were reopened */
	struct watchdog_view view;
	struct guest *passed_on; /* connection for the next process */
};

struct children;

/* For max processes, in memory that a fork does not copy. NULL and errno. */
struct children *children_new(size_t max);

size_t children_count(const struct children *children);
bool children_full(const struct children *children);

/* The slot of the next child; the caller makes sure that one is free. */
size_t children_next_slot(const struct children *children);

/* Puts a child in that slot; its pid is filled in. */
struct child *children_add(struct children *children, pid_t pid);

/* The child with that pid, and its *slot; NULL when there is none. */
struct child *children_find(struct children *children, pid_t pid, size_t *slot);

/* The child in a slot, NULL when the slot is free or not below max. */
struct child *children_at(struct children *children, size_t slot);

/* Frees the slot of a child that was waited for. */
void children_remove(struct children *children, pid_t pid);

/* Sends SIGKILL to all children; returns their number. */
size_t children_kill(struct children *children);

#endif
