/*
 * Shared by the parts of the crowd only:
 *
 *	crowd.c		keeps to the ceilings
 *	crowd_count.c	counts
 *	crowd_end.c	chooses connections, and ends them
 *	crowd_rank.c	compares connections
 *	crowd_rows.c	the same for connections of workers
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_CROWD_INTERNAL_H
#define PRONG_GENERATION_CROWD_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "generation/crowd.h"

/* A network of so many connections weighs as much as a client of one. */
#define CROWD_NETWORK_SHARE 16

/* The time in which an idle connection has to follow; and that for which a
 * client whose connection did not is not told again. */
#define FOLLOW_MS   500
#define STUBBORN_MS 10000
#define SWEEP_MS    100

/*
 * How readily a connection ends, the lowest rank first: the kinds in the order
 * of the design, within each by time or pace. The page may lie about all of it
 * but the age, and then it harms only the connections of the same client.
 */
struct crowd_rank {
	int kind; /* 0: it is idle */
	int64_t value;
};

/* What a connection says of itself, and its age. */
struct crowd_signs {
	uint32_t state; /* enum scoreboard_state */
	uint64_t octets;
	int64_t turn_ms, began_ms;
};

/* A connection of a worker: its row, as it was when it was found. */
struct crowd_row {
	size_t number, row; /* number 0: there is none */
	struct crowd_rank rank;
};

struct crowd_rank crowd_rank_of(const struct crowd_signs *signs,
    int64_t now_ms);
bool crowd_is_before(struct crowd_rank a, struct crowd_rank b);

/* The connections of a client, and of a network, of all processes together. */
size_t crowd_of_client(const struct crowd *crowd, struct address_key client);
size_t crowd_of_network(const struct crowd *crowd, struct address_key network);

/* The weight of a client with so many connections. */
size_t crowd_weigh(const struct crowd *crowd, struct address_key client,
    size_t count);

/* The connection counts no more. */
void crowd_discount(struct crowd *crowd, struct address_key client);

/* Ends a connection of that client, which has that weight; false: it has none that
 * may end. */
bool crowd_end_one(struct crowd *crowd, struct address_key client,
    size_t weight);

/* The connection of that client in a worker that is the first to end. */
struct crowd_row crowd_find_row(const struct crowd *crowd,
    struct address_key client, bool idle_alone, int64_t now_ms);

/* The client of the row, in text. Returns host. */
const char *crowd_row_host(const struct crowd *crowd,
    const struct crowd_row *victim, char host[ADDRESS_TEXT_BYTES]);

/* Tells its worker; false: too many have been told. */
bool crowd_end_row(struct crowd *crowd, const struct crowd_row *victim,
    bool at_once, int64_t now_ms);

/* Looks whether those that were told have ended. */
void crowd_sweep_rows(struct crowd *crowd, int64_t now_ms);

#endif
