/*
 * Guest: a connection without a process, because it was just accepted, or
 * because its process has handed it off. It consists of the arguments of its
 * next process, the address of its peer, and the number of its socket.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_GUEST_H
#define PRONG_GENERATION_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "connection/connection.h"
#include "generation/presence.h"

struct child;
struct configuration;
struct handoff;
struct penalties;
struct processes_facts;
struct scoreboard_page;
struct statement;

struct guest {
	struct address peer;
	struct presence presence;	       /* of the peer */
	struct connection_arguments arguments; /* in is -1: no connection */
	uint64_t
	    handed_off; /* the porter's number of its socket; 0: it was just
			      * accepted */
	bool is_parcel; /* a worker has given it to the porter */
	/* It came to status_listen: it has a reserved slot, and is served the
	 * status alone. */
	bool is_reserved;
	/* Of the connection in its processes before; see children.h. */
	int64_t began_ms; /* 0: there was none */
	bool was_told;
	bool stays;		  /* No worker has taken it when it was idle. */
	int64_t look_ms, gone_ms; /* see watchdog.h */
};

/* Accepts the next connection of that listener. 0, or -1 and the errno of
 * accept(2). */
int guest_accept(struct guest *guest, int listener);

/* The connection that this child has handed off. The porter has its socket, so
 * the guest has no descriptor. proxied: what the process of a trusted proxy's
 * connection has stated about its client before it called a handler; NULL: the
 * client is the peer. */
void guest_hand_off(struct guest *guest, const struct child *child,
    const struct statement *proxied);

/* The time that a new connection has waited in the backlog: since its last octet
 * or, when the client sent none, since the handshake. 0 for sockets other than
 * TCP's, where the time is unknown. */
int64_t guest_waited_ms(const struct guest *guest);

/* Whether no process has served the connection before. */
bool guest_is_new(const struct guest *guest);

/* Moves the descriptor below private_base, so that the next process keeps it.
 * False and errno when that failed. */
bool guest_make_common(struct guest *guest, int private_base);

/*
 * Called in the process forked for the connection, which has the private
 * descriptors still: takes the socket of a connection that was handed off from
 * the porter. handoff is the memory that the process before has had, too; NULL:
 * the porter has no socket of the connection. False after logging.
 */
bool guest_take(struct guest *guest, const struct processes_facts *facts,
    struct handoff *handoff);

/* Called next: serves the connection, and ends the process with enum
 * connection_end. */
_Noreturn void guest_serve(struct guest *guest,
    const struct processes_facts *facts, struct scoreboard_page *page,
    struct statement *statement, const struct penalties *penalties);

/* The end of that: serves, and ends the process. */
_Noreturn void guest_run(const struct connection_arguments *arguments,
    const struct configuration *configuration);

/* Closes the descriptor. */
void guest_close(struct guest *guest);

#endif
