/*
 * A worker: a process of the generation that serves many clients, each on a fiber
 * of its own. It accepts them itself, and serves the routes that belong into
 * workers (config/route.h); it gives every other connection away, with what it has
 * read, to a process of its own.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_WORKER_WORKER_H
#define PRONG_WORKER_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct configuration;
struct connection_facts;
struct ledgers;
struct penalties;
struct sandbox;
struct scoreboard_page;

/* What a worker has of its generation. */
struct worker_facts {
	const struct configuration *configuration;
	const struct sandbox *sandbox;
	const struct penalties *penalties; /* NULL: none */
	struct ledgers *ledgers;
	size_t number;		      /* of its ledger, from 1 on */
	struct scoreboard_page *page; /* of the process */
	const int *listeners;	      /* not blocking */
	size_t listener_count;
	int wake;   /* an eventfd: the generation has to look */
	int porter; /* the socket of its place (generation/porter_parcel.h) */
	uint64_t first_sequence; /* of what it gives away */
	bool has_access_log;
	pid_t generation;
	/* Puts a connection into the porter's care: 0, or -1 and errno. */
	int (*send_parcel)(int porter, uint64_t sequence, int socket,
	    const struct connection_facts *facts, const struct iovec *unread,
	    size_t count);
};

/* Connections that so many workers together may have, by the limit of open
 * descriptors of the caller. */
size_t worker_room(size_t workers);

/* Whether new connections are left to the generation: it knows whose end makes room
 * when there are as many as may be, and the processes that it forks have descriptors
 * of their own when the workers have no room left. */
bool worker_is_enough(const struct ledgers *ledgers,
    const struct configuration *configuration, size_t room);

/* Called in the process that was forked for it: serves until the generation ends
 * it, and ends the process. */
_Noreturn void worker_run(const struct worker_facts *facts);

#endif
