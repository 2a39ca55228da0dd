/*
 * Statements: what the process of a connection from a trusted proxy says before it
 * calls the first handler, namely its client. Each such process has a page of its
 * own for that, and gives the page up with the statement: the memory is
 * unmapped, and no handler has a descriptor or a path of it, or a mapping that
 * can grow (shared_memory_span). So no handler can change the
 * statement of its process, or make one for another. The generation believes a
 * statement as it believes prong's own code.
 *
 * Behind the page is the memory in which the process leaves the octets of a
 * handoff (handoff.h). The generation does not read it; the next process in the
 * slot does.
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

struct handoff;
struct statements;

struct statement {
	struct connection_facts facts;
	struct address_key key; /* of the client, for penalties */
	uint32_t is_made;
};

/* In the generation: pages for the connections in so many slots, each with
 * memory for a handoff of that many octets; 0: none is handed off. descriptor
 * becomes that of the memory, for statements_resume; NULL: there is none. NULL and
 * errno. Never freed. */
struct statements *statements_new(size_t slots, size_t handoff_octets,
    int *descriptor);

/* In a process executed afresh: the memory for the handoff of that slot, without
 * the page. The caller closes the descriptor. NULL and errno. */
struct handoff *statements_resume(size_t slot, size_t handoff_octets,
    int descriptor);

/* In the generation, before the fork: the empty page that the forked process
 * inherits, and no other. NULL and errno. */
struct statement *statements_begin(struct statements *statements, size_t slot);

/* The memory for the handoff of the process in a slot, which that process
 * inherits. */
struct handoff *statements_handoff(const struct statements *statements,
    size_t slot);

/* In the generation, when a process has ended and no other one goes on: gives
 * back the memory that it has left, whatever it is. */
void statements_forget(struct statements *statements, size_t slot);

/* In the connection, once: makes the statement and unmaps the page. */
void statement_make(struct statement *statement,
    const struct connection_facts *facts, struct address_key key);

/* In the generation: copies the statement of the process in a slot. False when
 * it has not made one. */
bool statements_read(const struct statements *statements, size_t slot,
    struct statement *copy);

#endif
