/*
 * Blame: which client and which handlers a crash is put down to. The client is
 * the peer that was accepted or, behind a trusted proxy, the one that the proxy
 * named. The process names the handler in its page of the scoreboard, where a
 * broken one can write any name; so the name counts only if the process could
 * have called that handler: by its first route, which it cannot change any more
 * (connection/first_handler.h), and the rules that hold for the process since. A
 * name that is impossible is a lie, and the handlers of the first route are
 * blamed instead. So a lie costs the client of the liar, and no other.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_BLAME_H
#define PRONG_GENERATION_BLAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

struct child;
struct configuration;
struct handler;
struct route;
struct statement;

/* Octets of a name in the scoreboard, with the NUL; longer ones are cut. */
#define BLAME_NAME_BYTES 32

struct blame {
	struct address client;
	struct address_key key;	   /* of the client */
	bool is_exempt;		   /* the client is a trusted proxy */
	const struct route *route; /* NULL: no handler was called */
	const char *handler;	   /* NULL: all of the route */
};

/* What is known of a process that has crashed. */
struct blame_facts {
	const struct child *child;
	const struct statement *statement; /* NULL: none was made */
	bool has_called; /* a handler: the first one is that index */
	uint64_t first_handler;
	const char *claimed; /* the name in its page */
};

/* Names and route are the configuration's. */
void blame_find(struct blame *blame, const struct configuration *configuration,
    const struct blame_facts *facts);

#endif
