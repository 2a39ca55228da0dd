/*
 * Guest: a connection without a process, because it was just accepted, or
 * because its process has handed it off. It consists of the arguments of its
 * next process and the address of its peer.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_GUEST_H
#define PRONG_GENERATION_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "connection/connection.h"

struct handoff;
struct penalties;
struct processes_facts;
struct scoreboard_page;
struct statement;

struct guest {
	struct address peer;
	struct connection_arguments arguments; /* in is -1: no connection */
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

/*
 * Makes a guest of the connection that the process of that peer has handed off,
 * and takes over the descriptors. proxied: what the process of a trusted proxy's
 * connection has stated about its client before it called a handler; NULL: the
 * client is the peer, with that key. What the handoff says of the client does not
 * count: a broken process must not pass an allow list, or bring a penalty on
 * another client, by naming it. NULL when memory or a descriptor is missing; the
 * descriptors are closed then.
 */
struct guest *guest_new(const struct handoff *handoff,
    const struct address *peer, struct address_key key,
    const struct statement *proxied);

/* Whether no process has served the connection before. */
bool guest_is_new(const struct guest *guest);

/* Moves the descriptors below private_base, so that the next process keeps
 * them. False and errno when that failed. */
bool guest_make_common(struct guest *guest, int private_base);

/* Called in the process forked for the connection: serves it, and ends the
 * process with enum connection_end. */
_Noreturn void guest_serve(struct guest *guest,
    const struct processes_facts *facts, struct scoreboard_page *page,
    struct statement *statement, const struct penalties *penalties);

/* Closes the descriptors; guest_free also frees the guest. */
void guest_close(struct guest *guest);
void guest_free(struct guest *guest);

#endif
