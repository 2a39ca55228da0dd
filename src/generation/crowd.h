/*
 * The crowd: how many connections each client and its network have, and which of
 * them end so that others can be served. Trusted proxies stand for many clients
 * and do not count.
 *
 * From 95 % of max_connections on, a connection of a client that has few costs
 * the client with the most one of its own: the longest idle one, else the
 * slowest head, body or reader. The weight of a client is its number of
 * connections, and a sixteenth of those of its network: a client with a /48 of
 * its own must not pass for thousands.
 *
 * Only the generation's own facts decide who loses a connection. Which one of
 * that client's it is depends on what the connections say in their pages, and a
 * lie there harms the liar's client alone. An idle connection is told to end, so
 * that it loses no request that has just come; one that does not follow, or that
 * is not idle, is killed.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_CROWD_H
#define PRONG_GENERATION_CROWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/ratelimit.h"

struct child;
struct children;
struct configuration;
struct ledgers;
struct peers;
struct scoreboard;

/* Connections of workers that are told to end, at a time. */
#define CROWD_TOLD_MAX 64

struct crowd_told {
	size_t number, row; /* of its ledger */
	uint32_t serial;    /* of the connection, to know it again */
	uint64_t requests;
	int64_t told_ms;
	bool is_final; /* it is not asked any more */
};

struct crowd {
	const struct configuration *configuration;
	struct scoreboard *scoreboard;
	struct children *children;	  /* same slots as the scoreboard */
	struct ledgers *ledgers;	  /* NULL: there are no workers */
	struct peers *clients, *networks; /* without workers */
	size_t mark;			  /* where connections begin to end */
	size_t ending;			  /* told to end, or killed for it */
	size_t ended;			  /* in all */
	struct address_key stubborn; /* did not follow; is not told again */
	int64_t stubborn_until_ms;
	int64_t contested_until_ms; /* light clients have needed room */
	int64_t next_ms;	    /* of the sweep */
	struct crowd_told told[CROWD_TOLD_MAX];
	size_t told_count;
	struct ratelimit notice, stubborn_notice, proxy_notice;
};

enum crowd_verdict {
	CROWD_WELCOME,
	CROWD_CLIENT_FULL, /* max_connections_per_client */
	CROWD_NETWORK_FULL /* max_connections_per_network */
};

/* Borrows all three for the life of the crowd. -1 and errno. */
int crowd_init(struct crowd *crowd, const struct configuration *configuration,
    struct scoreboard *scoreboard, struct children *children);

/* Whether that client, of which so many connections wait for a process, may have
 * one more. At the ceiling of its
 * network, another client there may lose one for it. */
enum crowd_verdict crowd_judge(struct crowd *crowd,
    const struct address *client, size_t waiting);

/* A child serves one more connection, or has ended. */
void crowd_enter(struct crowd *crowd, struct child *child);
void crowd_leave(struct crowd *crowd, const struct child *child);

/* Ends a connection, if the server is crowded, for one more of that client, and
 * if another one has clearly more. To be called before that one is served. */
void crowd_make_room(struct crowd *crowd, const struct address *client);

/* Whether there is a place for that client, below max_connections. Soon after
 * light clients have needed room, the last 5 % are theirs alone. */
bool crowd_admits(const struct crowd *crowd, const struct address *client);

/* The number of connections that are about to end for others. */
size_t crowd_ending(const struct crowd *crowd);

/* The weight of a client, also with so many more connections; and whether one of that weight has so much that it may
 * lose connections that are not idle, or its place in a queue. */
size_t crowd_weight(const struct crowd *crowd, const struct address *client);
size_t crowd_weight_with(const struct crowd *crowd,
    const struct address *client, size_t more);
bool crowd_is_heavy(const struct crowd *crowd, size_t weight);

/* Kills those that did not follow. Returns the time of the next call (clock_ms),
 * INT64_MAX when none is needed. */
int64_t crowd_sweep(struct crowd *crowd);

#endif
