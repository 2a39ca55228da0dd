/*
 * A route: a path of a site and the handlers behind it; and the choice of site
 * and route for a request, which is pure.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_ROUTE_H
#define PRONG_CONFIG_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include <libconfig.h>

#include "base/slice.h"
#include "config/limit.h"
#include "config/policy.h"

struct configuration;
struct handler;
struct site;

struct route {
	char *path; /* begins with "/"; normalised */
	size_t path_length;
	bool exact;
	struct handler *handlers;
	size_t handler_count;
	struct policy policy;
	struct limits limits;
	size_t rules; /* set by sandbox_new */
	const config_setting_t *setting;
};

/*
 * The site for a Host field's value: the one that names the host; else the one
 * with the longest wildcard ("*.example.org" stands for every name below
 * example.org, not for that itself); else the one without hosts; else the
 * first, as nginx has it. Case, a port and a final dot do not count. NULL
 * only when there are no sites.
 */
const struct site *route_find_site(const struct configuration *configuration,
    struct slice host);

/*
 * The site's route for a decoded, normalised path: the exact one, else that
 * with the longest prefix of whole segments ("/a" serves "/a" and "/a/b", not
 * "/ab"). NULL when there is none: 404.
 */
const struct route *route_find_in(const struct site *site, const char *path,
    size_t path_length);

#endif
