/*
 * Guests: connections that have no process yet, because they have just been
 * accepted, or because a process has handed them off. A guest is whatever its
 * process will begin with, and the address that its socket leads to.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_GUEST_H
#define PRONG_GENERATION_GUEST_H

#include <stdbool.h>

#include "base/address.h"
#include "connection/connection.h"

struct handoff;
struct processes_facts;
struct scoreboard_page;

struct guest {
	struct address peer;
	struct connection_arguments arguments; /* in is -1: no guest */
};

/* Accepts the next connection of that listener. 0, or -1 and errno as accept(2)
 * has it. */
int guest_accept(struct guest *guest, int listener);

/*
 * Of what the process of that peer has handed off, whose descriptors it takes
 * over. A process's claim about its client counts only where a trusted proxy
 * may have told it: a broken process must not get beyond an allow list by
 * naming another client. NULL when there is no memory or no descriptor.
 */
struct guest *guest_new(const struct handoff *handoff,
    const struct address *peer, bool is_trusted_proxy);

/* Whether no process has served it before. */
bool guest_is_new(const struct guest *guest);

/* Moves its descriptors below private_base, for its process to keep. False and
 * errno when there is no room. */
bool guest_make_common(struct guest *guest, int private_base);

/* In the process forked for it: serves the connection, and ends the process
 * with enum connection_end. */
_Noreturn void guest_serve(struct guest *guest,
    const struct processes_facts *facts, struct scoreboard_page *page);

/* Closes its descriptors; guest_free frees it, too. */
void guest_close(struct guest *guest);
void guest_free(struct guest *guest);

#endif
