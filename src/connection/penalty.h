/*
 * Penalties: a client whose connections crash a handler is refused the routes of
 * that handler for a while, and for twice as long with every further crash. All
 * processes of a forking server share one address layout, so a client that may
 * crash them without limit can guess the layout octet by octet.
 *
 * The generation alone writes the table. Connections have a mapping that can
 * never become writable (F_SEAL_FUTURE_WRITE), and look into it before each
 * request; so a connection that is older than the penalty is held, too. The
 * table has a fixed size: when there is no room, the entry closest to its end
 * makes room.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_PENALTY_H
#define PRONG_CONNECTION_PENALTY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

#define PENALTY_ENTRIES	  1024
#define PENALTY_FREE	  2 /* crashes before the first penalty */
#define PENALTY_MAX_MS	  (10 * 60 * 1000)
#define PENALTY_MEMORY_MS (10 * 60 * 1000) /* after the last penalty */

struct penalties;
struct route;

/* The key of the client of an accepted socket, in tables of penalties. All clients
 * of a Unix socket have one address: each process is a client there, as the kernel
 * says which one has connected. */
struct address_key penalty_key(int socket, const struct address *peer);

/* The same where a proxy may have named another client than that peer. */
struct address_key penalty_key_named(int socket, const struct address *peer,
    const struct address *client);

/* In the generation, before the first fork. first_ms: length of the first
 * penalty. *descriptor becomes one for penalties_resume, unless descriptor is
 * NULL. NULL and errno. Never freed. */
struct penalties *penalties_new(int64_t first_ms, int *descriptor);

/* In a process executed afresh: a table that can only be read. The caller closes
 * the descriptor. NULL and errno. */
struct penalties *penalties_resume(int descriptor);

/* In the generation: a connection of that client has crashed in that handler.
 * NULL: before any handler was called. Returns the length of the penalty, 0 for
 * none. */
int64_t penalty_add(struct penalties *penalties, struct address_key client,
    const char *handler, int64_t now_ms);

/* How long that client is still refused that handler; 0: it is not. */
int64_t penalty_left_ms(const struct penalties *penalties,
    struct address_key client, const char *handler, int64_t now_ms);

/* The same for the handlers of a route, the longest. penalties may be NULL. */
int64_t penalty_of_route_ms(const struct penalties *penalties,
    struct address_key client, const struct route *route);

/* Whether there may be a penalty in force, of any client. It takes a
 * nanosecond. */
bool penalties_any(const struct penalties *penalties);

#endif
