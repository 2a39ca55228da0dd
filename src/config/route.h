/*
 * Which site and which route serve a request. Pure.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_ROUTE_H
#define PRONG_CONFIG_ROUTE_H

#include <stddef.h>

#include "base/slice.h"

struct configuration;
struct route;
struct site;

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
