/*
 * A site: hosts and the routes for them. Sites are read here with their routes
 * and handlers.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_SITE_H
#define PRONG_CONFIG_SITE_H

#include <stddef.h>

#include <libconfig.h>

#include "config/limit.h"
#include "config/policy.h"

struct configuration;
struct report;
struct route;

struct site {
	char **hosts;	   /* lower case; "*.example.org" */
	size_t host_count; /* 0: serves any host */
	struct route *routes;
	size_t route_count;
	struct policy policy;
	struct limits limits;
	const config_setting_t *setting;
};

/* A host and its site, for finding: sorted by name. */
struct host {
	const char *name;
	const struct site *site;
	const config_setting_t *setting;
};

/* Reads the settings "sites" of all sources, after the settings of the server.
 * All errors are reported. */
void site_read_all(struct configuration *configuration, struct report *report);

#define SITE_PLACE_BYTES 256

/* Writes where a route is, for messages: "example.org/docs", or "any host/docs"
 * where its site names no host. Long names are cut. Returns text. */
const char *site_place(const struct route *route, char text[SITE_PLACE_BYTES]);

#endif
