/*
 * Confinement: what holds for the process of a connection from the first call of
 * a handler on. The route of the first request decides it. A request for a route
 * with other rules belongs into another process.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_CONFINEMENT_H
#define PRONG_CONNECTION_CONFINEMENT_H

#include <stdbool.h>

struct channel;
struct connection_arguments;
struct route;
struct sandbox;
struct statement;

struct confinement {
	const struct sandbox *sandbox; /* NULL: none */
	const struct route *route;     /* its rules hold; NULL: none yet */
	struct statement *statement;   /* not made yet; NULL: made, or none */
	const struct connection_arguments *arguments;
	bool is_refused; /* the request, if it is for a pool */
};

enum confinement_verdict {
	CONFINEMENT_HOLDS,   /* handlers of the route may be called */
	CONFINEMENT_DIFFERS, /* the rules of another route hold */
	CONFINEMENT_BUSY,    /* all processes of the route are */
	CONFINEMENT_STALE,   /* the process has to be executed afresh first */
	CONFINEMENT_FAILED   /* logged; no handler may be called */
};

/* Whether other connections are in this process. */
bool confinement_is_shared(const struct confinement *confinement);

/* Called before the process ends by handoff: makes the statement, if it was not made. */
void confinement_leave(struct confinement *confinement,
    const struct channel *channel);

/* Called first for each request: whether the handlers of the route can be here
 * at all. A process that was executed afresh has those of one route. */
enum confinement_verdict confinement_look(const struct confinement *confinement,
    const struct route *route);

/*
 * Called before the handlers of each request. The first time it tells the first
 * handler (first_handler.h), gets the process a guardian, if handlers of the route
 * can start processes, enters the rules of the route, and makes the statement.
 */
enum confinement_verdict confinement_enter(struct confinement *confinement,
    const struct channel *channel, const struct route *route);

#endif
