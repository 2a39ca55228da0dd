/*
 * Shared by the parts of a worker only:
 *
 *	worker.c	the life of the process
 *	doors.c		accepts connections
 *	client.c	a connection, on a fiber or at rest
 *	give.c		gives one to a process of its own
 *	refuse.c	sends a 503 to one
 *	seat.c		memory of those that are not at rest
 *	wake.c		wakes the generation
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
	struct short_address peer;
	struct address_key peer_key; /* of the peer, for ceilings */
	struct address_key key;	     /* for penalties */
	bool is_counted;	     /* it is no trusted proxy */
	bool is_told;		     /* by the generation, to end */
	bool has_rested;
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
	size_t door_count;
	struct client *clients; /* NULL: none */
	size_t count, rejected;
	struct rows rows;
	struct spare spare;
	struct access access;
	struct loop_watch errors; /* standard error of handlers */
	bool has_errors;
	int64_t trim_ms; /* next */
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
/* Unmaps those that were not needed since the last call. */
void seat_trim(struct worker *worker);

/* Fibers, each with a door of the worker. */
void door_keep(void *door);
/* The generation has said that others accept. */
void door_leave(struct door *door);

/* Begins to serve a client; takes the socket over. */
void client_begin(struct worker *worker, int socket,
    const struct address *peer);
/* In place of connection_arguments.give. */
int give_to_process(const struct connection_arguments *arguments,
    const struct channel *channel, const struct iovec *unread, size_t count);

/* Sends a 503; takes the socket over. */
void refuse(struct worker *worker, int socket, const struct address *peer,
    enum reject_reason reason);
/* Tells all clients what the worker's page says. */
void client_tell_all(struct worker *worker);
/* If no client is left, and none will come, the rest of the worker can end. */
void client_note_last(struct worker *worker);

/* 0, or -1 and errno. */
int rows_init(struct worker *worker);
/* Takes a row for the client; false: there is none. */
bool rows_take(struct client *client);
void rows_give(struct client *client);
/* Makes the page of a client that has rested as it was before. */
void rows_resume(struct client *client);
/* Shows what the client's page says. */
void rows_show(struct client *client);
/* Obeys what the generation has written into rows. */
void rows_hear(struct worker *worker);

#endif
