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

#include "base/address.h"
#include "connection/connection.h"
#include "generation/presence.h"

struct handoff;
struct processes_facts;
struct scoreboard_page;

struct guest {
	struct address peer;
	struct presence presence;	       /* of the peer */
	struct connection_arguments arguments; /* in is -1: no connection */
};

/* Accepts the next connection of that listener. 0, or -1 and the errno of
 * accept(2). */
int guest_accept(struct guest *guest, int listener);

/*
 * Makes a guest of the connection that the process of that peer has handed off,
 * and takes over the descriptors. The process's claim about its client counts
 * only when the peer is a trusted proxy: a broken process must not pass an
 * allow list by naming another client. NULL when memory or a descriptor is
 * missing; the descriptors are closed then.
 */
struct guest *guest_new(const struct handoff *handoff,
    const struct address *peer, bool is_trusted_proxy);

/* Whether no process has served the connection before. */
bool guest_is_new(const struct guest *guest);

/* Moves the descriptors below private_base, so that the next process keeps
 * them. False and errno when that failed. */
bool guest_make_common(struct guest *guest, int private_base);

/* Called in the process forked for the connection: serves it, and ends the
 * process with enum connection_end. */
_Noreturn void guest_serve(struct guest *guest,
    const struct processes_facts *facts, struct scoreboard_page *page);

/* Closes the descriptors; guest_free also frees the guest. */
void guest_close(struct guest *guest);
void guest_free(struct guest *guest);

#endif
