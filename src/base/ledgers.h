/*
 * The ledgers of a generation: what each process that serves many clients, a
 * worker, says of its connections, so that ceilings hold for all processes
 * together and each connection is shown. The generation has a ledger, too, for
 * the connections that have processes of their own.
 *
 * A worker can write its own ledger, and read the others. The generation can
 * write all; it trusts nothing there: what a broken worker writes is a number, or
 * a text, that may be false.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_LEDGERS_H
#define PRONG_BASE_LEDGERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

struct peers;

/* The ledger of the generation; those of the workers follow, and then those of
 * processes that serve one client at a time, which have a row each. The
 * generation counts their connections in its own, or a worker those that it has lent. */
#define LEDGERS_GENERATION 0

/* Parcels of a worker that wait. */
#define LEDGERS_PARCELS 64

/* Connections on their way to a worker. */
#define LEDGERS_ON_WAY 32

/* What the generation has told a worker to do with a connection. */
enum ledger_order {
	LEDGER_GO_ON,
	LEDGER_END_IF_IDLE, /* if no request has come */
	LEDGER_END
};

/* A connection of a worker. Only the worker writes it, but for order. */
struct ledger_row {
	uint32_t state;		 /* enum scoreboard_state; 0: unused */
	volatile uint32_t order; /* enum ledger_order */
	/* Of the connection, and of that for which the order is: rows are used
	 * again. */
	uint32_t serial;
	volatile uint32_t order_serial;
	uint64_t requests, received, sent;
	int64_t since, request_since; /* seconds since 1970 */
	/* Of clock_ms; turn_ms as in a page of the scoreboard. */
	int64_t since_ms, request_since_ms, turn_ms;
	struct address_key client_key; /* of the peer */
	uint8_t is_counted;	       /* the client is no trusted proxy */
	uint32_t handler_index;	       /* as in a page of the scoreboard */
	uint8_t is_unrecorded;	       /* the access log lacks its request */
	char handler[21];
	char client[56];
	char request[88];
};

/* A connection that a worker gives away, which the porter keeps: the facts by
 * which the generation counts it. */
struct ledger_parcel {
	uint64_t sequence; /* of the porter's number */
	int64_t began_ms;  /* of clock_ms */
	struct address peer, server;
	struct address_key key; /* for penalties */
	uint32_t inode;		/* of a Unix socket */
	/* Of the route of its next request (config/route.h). */
	uint32_t place, pool;
};

struct ledgers;

/* So many workers and others, and so many connections in all. */
struct ledgers_size {
	uint32_t workers, others, connections;
};

/* In that file of the master's (shared_memory.h); 0: none. NULL and errno. */
struct ledgers *ledgers_new(const struct ledgers_size *size, int file);

/* In prong(1): those of another process, for reading counts and rows alone. False: the
 * file has other sizes. */
bool ledgers_look(int file, const struct ledgers_size *size);
void ledgers_look_away(void);

/* How many there are; with the others, too. */
size_t ledgers_workers(const struct ledgers *ledgers);
size_t ledgers_processes(const struct ledgers *ledgers);
size_t ledgers_rows(const struct ledgers *ledgers); /* of each worker */

/* In the generation, around the fork of a worker, which inherits that ledger:
 * 0, or -1 and errno. ledgers_clear follows the end of the worker, or comes
 * before the fork: nothing is counted there. */
int ledgers_share(struct ledgers *ledgers, size_t number, bool with_fork);
void ledgers_clear(struct ledgers *ledgers, size_t number);

/* In the process that writes the ledger: one more connection, or one less. Those
 * of a client, unless it is a trusted proxy, are counted for it besides. */
void ledgers_count(struct ledgers *ledgers, size_t number, int more);
void ledgers_enter(struct ledgers *ledgers, size_t number,
    struct address_key client);
void ledgers_leave(struct ledgers *ledgers, size_t number,
    struct address_key client);

/* The connections of the generation and the workers: in all, of a client, of a
 * network; in one ledger. */
size_t ledgers_connections(const struct ledgers *ledgers);
size_t ledgers_of_client(const struct ledgers *ledgers,
    struct address_key client);
size_t ledgers_of_network(const struct ledgers *ledgers,
    struct address_key network);
size_t ledgers_in(const struct ledgers *ledgers, size_t number);

/* The clients that the ledger of a worker counts, for peers_next. */
const struct peers *ledgers_clients(const struct ledgers *ledgers,
    size_t number);

/* In a worker: whether there is room for another parcel. */
bool ledgers_has_room(const struct ledgers *ledgers, size_t number);

/* In a worker, whose ledger it is, and in the generation: a row that can be
 * written. */
struct ledger_row *ledgers_row(const struct ledgers *ledgers, size_t number,
    size_t row);

/* In the generation: the worker is told what to do with the connection of that
 * serial, if it is still in the row. */
void ledgers_order(struct ledgers *ledgers, size_t number, size_t row,
    uint32_t serial, enum ledger_order order);

/* In any process: copies a row. False: it is unused. */
bool ledgers_read_row(const struct ledgers *ledgers, size_t number, size_t row,
    struct ledger_row *copy);
/* Rows that have ever been used are below. */
size_t ledgers_used_rows(const struct ledgers *ledgers, size_t number);
void ledgers_note_row(struct ledgers *ledgers, size_t number, size_t row);

/* In a worker: puts a parcel into its ledger; false when there are as many as may
 * be. In the generation: the next parcel of that worker, if there is one. It has
 * been taken once ledgers_drop_parcel is called. The connection is counted in the
 * worker's ledger until then. */
bool ledgers_put_parcel(struct ledgers *ledgers, size_t number,
    const struct ledger_parcel *parcel);
bool ledgers_next_parcel(const struct ledgers *ledgers, size_t number,
    struct ledger_parcel *parcel);
void ledgers_drop_parcel(struct ledgers *ledgers, size_t number);
/* In a worker: how many of its parcels have been taken. */
uint64_t ledgers_taken_parcels(const struct ledgers *ledgers, size_t number);

/* Connections that go on in a worker: the generation notes that it has passed one,
 * the worker that one has come. Those on the way are at most as many as were
 * passed, whatever the worker says. */
void ledgers_note_passed(struct ledgers *ledgers, size_t number);
void ledgers_note_received(struct ledgers *ledgers, size_t number);
uint64_t ledgers_on_way(const struct ledgers *ledgers, size_t number);
/* In a member of a pool: it begins to serve a client that was lent to it (loans.h). How
 * many there were so far, as it says. */
void ledgers_note_begun(struct ledgers *ledgers, size_t number);
uint64_t ledgers_begun(const struct ledgers *ledgers, size_t number);

/* The memory of a ledger, for who writes it. */
void *ledgers_memory(const struct ledgers *ledgers, size_t number,
    size_t *bytes);

/* Those of this process's generation; NULL: it has no workers. */
extern struct ledgers *ledgers_current;

#endif
