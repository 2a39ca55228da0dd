/*
 * Reduction: the text of a source without the options of handlers, but those of
 * one route. All sites, routes and handlers are still there, in the same order,
 * so that the route of a request is found.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_REDUCTION_H
#define PRONG_CONFIG_REDUCTION_H

#include <stddef.h>

struct route;
struct source;

/* Whether the route is in that source, which was parsed. */
int reduction_has(const struct source *source, const struct route *route);

/* The reduced text of the source, to be freed by the caller. route: in that
 * source; NULL: no options are left. NULL and errno. */
char *reduction_text(const struct source *source, const struct route *route,
    size_t *length);

#endif
