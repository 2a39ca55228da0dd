/*
 * Admissions: how many processes serve a route that has a ceiling of them, each for one
 * connection. The number of a pool is that of the route (config/route.h); those whose
 * processes are used again admit nobody here.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_ADMISSIONS_H
#define PRONG_GENERATION_ADMISSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct admissions;
struct configuration;
struct route;

/* Whether any route has a ceiling. */
bool admissions_are_needed(const struct configuration *configuration);

/* NULL and errno. */
struct admissions *admissions_new(const struct configuration *configuration);

/* The route of a pool that has a ceiling; NULL: there is none of that number. */
const struct route *admissions_route(const struct admissions *admissions,
    uint64_t pool);

/* How many processes serve the route; whether one more may. */
size_t admissions_count(const struct admissions *admissions,
    const struct route *route);
bool admissions_have_room(const struct admissions *admissions,
    const struct route *route);

/* A process serves the route; it has ended. NULL: it has no ceiling. */
void admissions_enter(struct admissions *admissions, const struct route *route);
void admissions_leave(struct admissions *admissions, const struct route *route);

/* Logs, now and then, that a client gets a 503. */
void admissions_log_refusal(struct admissions *admissions,
    const struct route *route);

#endif
