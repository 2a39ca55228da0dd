/*
 * Place of a route: whether the processes of its connections serve it, or
 * workers, which many clients share.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_PLACE_H
#define PRONG_CONFIG_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "config/route.h"

struct configuration;
struct report;

struct place_decision {
	enum route_place place;
	/* Where it is ROUTE_OWN what has decided that: a setting, or a fact about
	 * the handler. */
	const struct handler *handler; /* NULL: the setting */
	const char *why;
};

/* Pure. Every handler of the route has a plugin. A route whose setting is
 * PROCESS_SHARED, or that has the setting processes, may be ROUTE_OWN in spite of it:
 * that is an error of the configuration. */
struct place_decision place_decide(const struct route *route, bool has_workers);

/* Sets the places of all routes, once their plugins are loaded; where one is
 * missing, the route keeps ROUTE_OWN. -1 after reporting each error. */
int place_settle(const struct configuration *configuration,
    struct report *report);

/* The routes with ROUTE_POOL, in the order of their numbers. The cursor begins as 0.
 * NULL: there are no more. */
const struct route *place_next_pool(const struct configuration *configuration,
    size_t *cursor);

/* Whether each connection has a process for the route, but at most so many at a
 * time. */
bool place_has_ceiling(const struct route *route);

/* Logs the place of each route, for "prongd -t -v"; nothing without workers. */
void place_print(const struct configuration *configuration);

#endif
