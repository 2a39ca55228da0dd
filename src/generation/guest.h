/*
 * Guest: a connection without a process, because it was just accepted, or
 * because its process has handed it off. It consists of the arguments of its
 * next process, the address of its peer, and the place where it lies.
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
struct penalties;
struct processes_facts;
struct scoreboard_page;
struct statement;

struct guest {
	struct address peer;
	struct presence presence;	       /* of the peer */
	struct connection_arguments arguments; /* in is -1: no connection */
	uint64_t cookie;     /* of the accepted socket; 0: not asked for */
	uint64_t handed_off; /* the porter's number of the queue in which the
			      * connection lies; 0: it was just accepted */
	/* It came to status_listen: it has a reserved slot, and is served the
	 * status alone. */
	bool is_reserved;
	/* Of the connection in its processes before; see children.h. */
	int64_t began_ms; /* 0: there was none */
	bool was_told;
};

/* Accepts the next connection of that listener. 0, or -1 and the errno of
 * accept(2). */
int guest_accept(struct guest *guest, int listener);

/* The connection that this child has handed off. It lies with the porter, so
 * the guest has no descriptor. proxied: what the process of a trusted proxy's
 * connection has stated about its client before it called a handler; NULL: the
 * client is the peer. */
void guest_hand_off(struct guest *guest, const struct child *child,
    const struct statement *proxied);

/* Whether no process has served the connection before. */
bool guest_is_new(const struct guest *guest);

/* Moves the descriptor below private_base, so that the next process keeps it.
 * False and errno when that failed. */
bool guest_make_common(struct guest *guest, int private_base);

/*
 * Called in the process forked for the connection, which has the private
 * descriptors still: takes a connection that was handed off from the porter.
 * handoff is the process's own sending end. False after logging.
 */
bool guest_take(struct guest *guest, const struct processes_facts *facts,
    int handoff);

/* Called next: serves the connection, and ends the process with enum
 * connection_end. */
_Noreturn void guest_serve(struct guest *guest,
    const struct processes_facts *facts, struct scoreboard_page *page,
    struct statement *statement, const struct penalties *penalties);

/* Closes the descriptor. */
void guest_close(struct guest *guest);

#endif
