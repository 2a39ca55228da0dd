/*
 * Shared by the parts of a worker only:
 *
 *	worker.c	the life of the process
 *	doors.c		accepts connections
 *	client.c	a connection, on a fiber or at rest
 *	client_arrival.c	one that comes from another process
 *	give.c		gives one to another process
 *	hatch.c		receives those that others give
 *	lend.h		lends one to a member of a pool
 *	untold.c	tells the porter that one of these has ended
 *	refuse.c	sends a 503 to one
 *	seat.c		memory of those that are not at rest
 *	wake.c		wakes the generation, and the fiber of worker.c
 *	rows.c		shows connections to others
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_WORKER_INTERNAL_H
#define PRONG_WORKER_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <netinet/in.h>

#include "base/address.h"
#include "base/ratelimit.h"
#include "base/scoreboard.h"
#include "connection/access.h"
#include "connection/connection.h"
#include "connection/reject.h"
#include "fiber/loop.h"
#include "message/wait_fiber.h"
#include "worker/lend.h"
#include "worker/worker.h"

struct worker;

/* A listener. */
struct door {
	struct worker *worker;
	int listener;
	unsigned failures; /* of accept, one after the other */
	struct loop_watch watch;
};

/* An address, as far as most have one. */
struct short_address {
	uint8_t length; /* UINT8_MAX: longer */
	unsigned char octets[sizeof(struct sockaddr_in6)];
};

/* What a client has while it is not idle for long. */
struct seat {
	struct seat *next; /* of those that are unused */
	struct client *client;
	struct address peer;
	struct connection_arguments arguments;
	struct connection_rest rest;
	/* What it says of itself, and what of it is in the worker's page. */
	struct scoreboard_page page, shown;
	struct connection_memory *memory;
};

/* A connection; all that is left of it while it is idle. */
struct client {
	struct wait_fiber wait; /* must be first */
	struct loop_rest rest;
	struct worker *worker;
	struct client *next, *before; /* of all clients */
	struct seat *seat;	      /* NULL: it rests */
	const struct limits *limits;  /* of its next request; NULL: the usual */
	uint64_t requests;
	int64_t began_ms, began; /* of clock_ms; seconds since 1970 */
	uint32_t row;
	int socket;
	uint64_t passed; /* the number by which it has come; 0: accepted */
	struct slice
	    unread; /* allocated: what others have read, or may have to */
	struct link *link; /* of the member that has it; NULL: none */
	struct short_address peer;
	struct address_key peer_key; /* of the peer, for ceilings */
	struct address_key key;	     /* for penalties */
	bool is_counted;	     /* it is no trusted proxy */
	bool is_told;		     /* by the generation, to end */
	bool has_rested;
	bool is_shared;	 /* see worker_arrival */
	bool is_refused; /* likewise; until its next request */
	bool is_again;	 /* its request is to be served here after all */
	bool was_lost;	 /* by a member, which had not begun it */
	/* Of a client that a proxy has named, and of others whose address is
	 * long; NULL: the peer is the client. */
	struct connection_facts *facts;
};

/* The rows of the worker's ledger. */
struct rows {
	uint32_t *unused;	    /* those that were used before */
	size_t unused_count, fresh; /* from there on none was used */
	uint32_t serial;	    /* of the last one that was taken */
};

/* Where connections come in that others give. */
struct hatch {
	struct loop_watch watch;
	bool is_open;
};

/* Seats that are not used at the moment. */
struct spare {
	struct seat *first;
	size_t count;
	size_t least; /* since seat_trim */
};

struct worker {
	struct worker_facts facts;
	struct loop *loop;
	struct door *doors;
	size_t door_count, left_count; /* all; those that are closed for good */
	struct hatch hatch;
	struct lending lending;
	struct client *untold;	/* ended, and the porter was not told yet */
	struct client *clients; /* NULL: none */
	size_t count, rejected;
	size_t room; /* of all workers together */
	struct rows rows;
	struct spare spare;
	struct access access;
	struct loop_watch errors; /* standard error of handlers */
	bool has_errors;
	int64_t trim_ms; /* next; INT64_MAX: it was not needed */
	bool has_spare;	 /* memory that may be given back */
	bool is_draining, is_stopping;
	bool has_woken;	   /* the generation, as it has to accept */
	uint64_t sequence; /* of the last connection that was given away */
	struct ratelimit exhausted, ceiling, not_given;
};

/* The generation has to look at the ledgers. */
void worker_wake_generation(const struct worker *worker);

/* Takes a seat for a client and gives it back; NULL: there is no memory. */
struct seat *seat_take(struct worker *worker);
void seat_give(struct worker *worker, struct seat *seat);
/* Unmaps those that were not needed since the last call. Whether some are left. */
bool seat_trim(struct worker *worker);

/* Memory is about to be unused: it is given back unless it is needed soon. */
void worker_note_spare(struct worker *worker);

/* Fibers, each with a door of the worker. */
void door_keep(void *door);
/* The generation has said that others accept. */
void door_leave(struct door *door);

/* Begins to serve a client; takes the socket over. */
void client_begin(struct worker *worker, int socket,
    const struct address *peer);
/* The parts of that: a client with its socket, NULL if there is no memory; its place
 * among all clients, false if there is none; an end without one, of a client that may
 * be NULL. */
struct client *client_make(struct worker *worker, int socket,
    const struct address *peer);
bool client_enter(struct client *client);
void client_give_up(struct worker *worker, struct client *client, int socket);
/* Gives it a seat and a fiber. False: there is no memory. */
bool client_resume(struct client *client);
void client_end(struct client *client);
void client_free_octets(struct client *client);
/* The member show of its wait. */
void client_show(struct wait_fiber *wait);
/* One that has come. Takes the socket and the octets over. */
void client_go_on(struct worker *worker, int socket,
    const struct worker_arrival *arrival);
/* One that a member has had goes on: after so many requests in all, with these octets,
 * which are copied. */
enum client_return {
	CLIENT_ENDS,
	CLIENT_RESTS,
	CLIENT_GOES_ON,
	CLIENT_AGAIN /* with those that it came with */
};
void client_return(struct client *client, enum client_return how,
    uint64_t requests, struct slice octets);
/* In place of connection_arguments.give. */
int give_away(const struct connection_arguments *arguments,
    const struct channel *channel, const struct route *route,
    const struct iovec *unread, size_t count);
/* Gives one that is to rest to a worker that accepts. 0, or -1 and errno. */
int give_idle(struct client *client);

/* A fiber: receives connections. */
void hatch_keep(void *worker);
/* Nothing more comes, but what is on its way. */
void hatch_leave(struct worker *worker);
/* A connection that others have given has ended: tells the porter, and frees it. */
void untold_note_end(struct client *client);
/* Tells of those that have not been told yet. The time of the next call (clock_ms),
 * INT64_MAX when none is needed. */
int64_t untold_tell(struct worker *worker);

/* Sends a 503; takes the socket over. */
void refuse(struct worker *worker, int socket, const struct address *peer,
    enum refusal refusal);
/* Tells all clients what the worker's page says. */
void client_tell_all(struct worker *worker);
/* If no client is left, and none will come, the rest of the worker can end. */
void client_note_last(struct worker *worker);

/* 0, or -1 and errno. */
int rows_init(struct worker *worker);
/* Takes a row for the client; false: there is none. */
bool rows_take(struct client *client);
void rows_give(struct client *client);
/* Others do not see the client, until rows_show. */
void rows_hide(const struct client *client);
/* Makes the page of a client that has rested as it was before. */
void rows_resume(struct client *client);
/* Shows what the client's page says. */
void rows_show(struct client *client);
/* Obeys what the generation has written into rows. */
void rows_hear(struct worker *worker);

#endif
