/*
 * A worker: a process of the generation that serves many clients, each on a fiber
 * of its own. It serves the routes that belong there (config/route.h), and gives a
 * connection whose next request is for another one away, with what it has read.
 *
 * Workers are of two kinds. Those for prong's own handlers accept connections
 * themselves. Those for handlers of others, which an administrator has let share a
 * process, get them from the first ones, and give back what is idle.
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

#include "base/slice.h"
#include "config/route.h"
#include "message/connection_facts.h"

struct configuration;
struct ledger_parcel;
struct ledgers;
struct loans;
struct penalties;
struct sandbox;
struct scoreboard_page;

/* Of a connection that is given away: a number that the worker uses once, and that
 * by which it has got the connection; 0: it has accepted it. */
struct worker_label {
	uint64_t sequence, passed;
};

/* A connection that has come. */
struct worker_arrival {
	uint64_t
	    passed; /* the number by which it has; 0: what has come has none */
	/* A process that runs handlers of others may have the socket, too. */
	bool is_shared;
	bool is_missing; /* what was passed to this worker is not there */
	bool is_refused; /* its request gets a 503 */
	struct connection_facts facts;
	struct slice octets; /* allocated */
};

/* How connections go from a worker to others and come from them, by the socket of
 * its place (generation/porter_parcel.h). Nothing here waits. */
struct worker_mail {
	/* 0, or -1 and errno; EAGAIN: it can be tried again. */
	int (*send)(int porter, const struct worker_label *label, int socket,
	    const struct connection_facts *facts, const struct iovec *unread,
	    size_t count);
	/* One that has come has ended. */
	int (*send_done)(int porter, uint64_t passed);
	/* Before that: the porter closes the socket after this worker has. */
	int (*send_socket)(int porter, uint64_t passed, int socket);
	/* The socket, with at most size octets; or -1 and errno. EAGAIN: none has
	 * come; ENOENT: it is missing. */
	int (*receive)(int porter, size_t size, struct worker_arrival *arrival);
};

/* What a worker has of its generation. */
struct worker_facts {
	const struct configuration *configuration;
	const struct sandbox *sandbox;
	const struct penalties *penalties; /* NULL: none */
	struct ledgers *ledgers;
	enum route_place place; /* of the routes that it serves */
	size_t number;		/* of its ledger, from 1 on */
	size_t accepting; /* workers that accept: those of the first numbers */
	struct scoreboard_page *page; /* of the process */
	const int *listeners; /* not blocking; none: it does not accept */
	size_t listener_count;
	int wake;   /* an eventfd: the generation has to look */
	int porter; /* the socket of its place (generation/porter_parcel.h) */
	uint64_t first_sequence; /* of what it gives away */
	bool has_access_log;
	pid_t generation;
	const struct worker_mail *mail;
	/* Of a worker that lends connections to members of pools; NULL: none does. The
	 * ledger of the first member; how many there are, of so many pools; the socket by
	 * which links come; the eventfds by which those that accept ring each other. */
	struct loans *loans;
	size_t first_member, members, pools;
	int letters;
	const int *bells;
	/* Of a member: its links to workers (loan.h). */
	const int *links;
	size_t link_count;
};

/* Fills in the rest of the parcel of a connection that goes on in a process for that
 * route; NULL: in one of its own. peer is set. */
void worker_address_parcel(int socket, const struct route *route,
    struct ledger_parcel *parcel);

/* Connections that so many workers together may have, by the limit of open
 * descriptors of the caller. */
size_t worker_room(size_t workers);

/* Whether new connections are left to the generation: it knows whose end makes room
 * when there are as many as may be, and the processes that it forks have descriptors
 * of their own when the workers have no room left. */
bool worker_is_enough(const struct ledgers *ledgers, size_t accepting,
    const struct configuration *configuration, size_t room);

/* Called in the process that was forked for it: serves until the generation ends
 * it, and ends the process. */
_Noreturn void worker_run(const struct worker_facts *facts);

#endif
