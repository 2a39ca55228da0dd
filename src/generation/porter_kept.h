/*
 * What the porter keeps: sockets of clients by their numbers, and the contents of
 * parcels that nobody has taken yet.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_PORTER_KEPT_H
#define PRONG_GENERATION_PORTER_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "generation/porter_messages.h"

struct closer;
struct porter_outbox;

/* The rest of a parcel. */
struct porter_rest {
	struct porter_facts facts;
	int memory; /* the octets, if they are not here; or -1 */
	size_t length;
	char octets[];
};

/* The most that one has: its socket, its octets and its ending. */
#define PORTER_KEPT_DESCRIPTORS 3

struct porter_kept {
	uint64_t number;
	int socket;		  /* -1: a worker has it alone */
	struct porter_rest *rest; /* NULL: the socket is all */
	bool
	    is_shared; /* with a process that runs handlers of others, perhaps */
	/* Parcels that nobody has adopted, or that were passed to a worker, are in
	 * a list of a place. */
	struct porter_kept *next, **link; /* link NULL: not in it */
	struct porter_outbox *outbox;	  /* of the worker; NULL: none */
	bool is_sent;			  /* to that worker */
	bool is_refused;		  /* there it gets a 503 */
	int ending; /* its descriptor, to be closed when it has; -1: none */
};

/* Zeros at first. */
struct porter_table {
	void *tree;
};

/* NULL: there is none. */
struct porter_kept *porter_table_find(const struct porter_table *table,
    uint64_t number);

/* Takes socket and rest over; rest is allocated, or NULL. NULL: no memory, or the
 * number is taken; the caller has both still. */
struct porter_kept *porter_table_add(struct porter_table *table,
    uint64_t number, int socket, struct porter_rest *rest);

/* The rest was delivered. */
void porter_kept_strip(struct porter_kept *kept, struct closer *closer);

/* The facts of a socket that has none; without memory it stays so. */
void porter_kept_add_facts(struct porter_kept *kept,
    const struct porter_facts *facts);

/* A worker has it: only the facts are left. */
void porter_kept_empty(struct porter_kept *kept, struct closer *closer);

/* Closes all that it has, by the closer. It is in no list. */
void porter_table_remove(struct porter_table *table, struct porter_kept *kept,
    struct closer *closer);

/* Hands its descriptors over, which are written to fds instead. Returns
 * their number. */
size_t porter_table_take(struct porter_table *table, struct porter_kept *kept,
    int *fds);

#endif
