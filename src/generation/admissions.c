/* SPDX-License-Identifier: ISC */
#include "generation/admissions.h"

#include "base/dontfork.h"
#include "base/log.h"
#include "base/ratelimit.h"
#include "config/place.h"
#include "config/pool_setting.h"
#include "config/route.h"

struct admission {
	const struct route *route;
	size_t count;
	struct ratelimit full;
};

struct admissions {
	size_t count;
	struct admission all[];
};

bool
admissions_are_needed(const struct configuration *c)
{
	const struct route *route;
	size_t cursor = 0;

	while ((route = place_next_pool(c, &cursor)))
		if (place_has_ceiling(route))
			return true;
	return false;
}

struct admissions *
admissions_new(const struct configuration *c)
{
	const struct route *route;
	struct admissions *a;
	size_t cursor = 0, count = 0;

	while (place_next_pool(c, &cursor))
		count++;
	a = dontfork_alloc(sizeof(*a) + count * sizeof(a->all[0]));
	cursor = 0;
	while (a && (route = place_next_pool(c, &cursor)))
		a->all[a->count++].route = route;
	return a;
}

const struct route *
admissions_route(const struct admissions *a, uint64_t pool)
{
	const struct route *route = pool < a->count ? a->all[pool].route : NULL;

	return route && place_has_ceiling(route) ? route : NULL;
}

size_t
admissions_count(const struct admissions *a, const struct route *route)
{
	return a->all[route->pool].count;
}

bool
admissions_have_room(const struct admissions *a, const struct route *route)
{
	return a->all[route->pool].count < route->processes->max;
}

void
admissions_enter(struct admissions *a, const struct route *route)
{
	if (route)
		a->all[route->pool].count++;
}

void
admissions_leave(struct admissions *a, const struct route *route)
{
	if (route)
		a->all[route->pool].count--;
}

void
admissions_log_refusal(struct admissions *a, const struct route *route)
{
	if (ratelimit_allows(&a->all[route->pool].full))
		log_warning("route %s has %zu processes, as many as may be: "
			    "others get the status 503",
		    route->path, a->all[route->pool].count);
}
