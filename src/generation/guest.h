/*
 * Guests: connections that have no process yet, because they have just been
 * accepted, or because a process has handed them back.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_GUEST_H
#define PRONG_GENERATION_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

struct handoff;

struct guest {
	int fd;			       /* -1: none */
	int unread;		       /* memfd of what was read; -1: nothing */
	uint64_t requests;	       /* answered by processes before */
	struct address peer;	       /* whom the socket leads to */
	struct address client, server; /* server.length 0: ask the socket */
	bool secure;
};

/*
 * Of what the process of that peer has handed back, whose descriptors it takes
 * over. A process's word on who its client is counts only where a trusted proxy
 * may have told it: a broken one must not get beyond an allow list by naming
 * another. NULL when there is no memory or no descriptor.
 */
struct guest *guest_new(const struct handoff *handoff,
    const struct address *peer, bool is_trusted_proxy);

/* Closes its descriptors, too. */
void guest_free(struct guest *guest);

#endif
