/*
 * A route: a path of a site and the handlers for it. The choice of site and
 * route for a request is pure.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_ROUTE_H
#define PRONG_CONFIG_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libconfig.h>

#include "base/slice.h"
#include "config/limit.h"
#include "config/policy.h"
#include "config/pool_setting.h"

struct configuration;
struct handler;
struct site;

/* Which processes serve the requests for a route. */
enum route_place {
	ROUTE_OWN,    /* those of the connections */
	ROUTE_WORKER, /* workers */
	ROUTE_SHARED, /* workers for handlers that are not prong's own */
	ROUTE_POOL,   /* processes of this route, for a client at a time each */
	ROUTE_PLACES
};

/* The setting process. */
enum route_process { PROCESS_AUTO, PROCESS_OWN, PROCESS_SHARED };

struct route {
	char *path; /* begins with "/"; normalised */
	size_t path_length;
	bool exact;
	bool keeps_slashes; /* handlers get %2F: request_settle_path */
	bool is_fresh;	    /* each connection to it is executed afresh */
	enum route_process process;
	/* The setting processes; NULL: none, and each connection has a process. */
	const struct pool_setting *processes;
	enum route_place place; /* set by place_settle */
	uint32_t pool;		/* likewise; of ROUTE_POOL: counts from 0 */
	struct handler *handlers;
	size_t handler_count;
	const struct site *site;
	struct policy policy;
	struct limits limits;
	size_t rules; /* set by sandbox_new */
	const config_setting_t *setting;
};

/*
 * Finds the site for the value of a Host field: the site with that host; else
 * the site with the longest wildcard ("*.example.org" matches every name below
 * example.org, but not example.org); else the site without hosts; else the
 * first site, as in nginx. Case, a port and a final dot do not count. NULL only
 * when there are no sites.
 */
const struct site *route_find_site(const struct configuration *configuration,
    struct slice host);

/* Finds the site that names that host, by a wildcard too; NULL: none does. */
const struct site *route_find_named(const struct configuration *configuration,
    struct slice host);

/*
 * Finds the site's route for a decoded, normalised path: the exact route, else
 * the route with the longest prefix of whole segments ("/a" serves "/a" and
 * "/a/b", not "/ab"). NULL when the site has no such route: status 404.
 */
const struct route *route_find_in(const struct site *site, const char *path,
    size_t path_length);

#endif
