/*
 * Statements: what a connection's process says of itself before it calls the
 * first handler, namely its client and its first route. Each process has a page
 * of its own for that, and gives the page up with the statement: the memory is
 * unmapped, and has no descriptor and no path. So no handler can change the
 * statement of its process, or make one for another. The generation believes a
 * statement as it believes prong's own code.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_STATEMENT_H
#define PRONG_CONNECTION_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "message/connection_facts.h"

struct route;
struct statements;

struct statement {
	uint64_t handler; /* index of the first one of the first route */
	struct connection_facts facts;
	struct address_key key; /* of the client, for penalties */
	uint32_t is_made;
};

/* In the generation: pages for the connections in so many slots. NULL and
 * errno. Never freed. */
struct statements *statements_new(size_t slots);

/* In the generation, before the fork: the empty page that the forked process
 * inherits, and no other. NULL and errno. */
struct statement *statements_begin(struct statements *statements, size_t slot);

/* In the connection, once: makes the statement and unmaps the page. */
void statement_make(struct statement *statement, const struct route *route,
    const struct connection_facts *facts, struct address_key key);

/* In the generation: copies the statement of the process in a slot. False when
 * it has not made one: then it has called no handler. */
bool statements_read(const struct statements *statements, size_t slot,
    struct statement *copy);

#endif
