/*
 * What an honest process does without a change, and what bounds it:
 *
 *	waiting, reading	head_timeout, idle_timeout
 *	handling		max_request_time, for each handler in turn
 *	sending			send_timeout; then body_timeout, where the rest
 *				of a body is read
 *	closing, last words	seconds, which the margin has room for
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/stall.h"

#include <stddef.h>

#include "config/configuration.h"
#include "config/route.h"
#include "config/site.h"
#include "sandbox/quota.h"

static void
raise_to(int64_t *most, int64_t ms)
{
	if (*most < ms)
		*most = ms;
}

static void
add_timeouts(struct stall_limits *most, const struct limits *limits)
{
	raise_to(&most->still_ms, limits->head_timeout_ms);
	raise_to(&most->still_ms, limits->idle_timeout_ms);
	raise_to(&most->still_ms, limits->body_timeout_ms);
	raise_to(&most->still_ms, limits->send_timeout_ms);
}

/* False where a request may take as long as it likes. */
static bool
add_route(struct stall_limits *most, const struct route *route)
{
	int64_t each_ms = route->limits.max_request_time_ms;

	add_timeouts(most, &route->limits);
	raise_to(&most->handling_ms,
	    (int64_t)route->handler_count * (each_ms + QUOTA_KILL_MARGIN_MS));
	return each_ms > 0;
}

struct stall_limits
stall_limits_of(const struct configuration *c)
{
	struct stall_limits most = { 0, 0 };
	const struct site *site;
	bool bounded = true;
	size_t i, j;

	add_timeouts(&most, &c->limits);
	for (i = 0; i < c->site_count; i++) {
		site = &c->sites[i];
		for (j = 0; j < site->route_count; j++)
			bounded &= add_route(&most, &site->routes[j]);
	}
	most.handling_ms = bounded ? most.handling_ms + STALL_MARGIN_MS : 0;
	most.still_ms += STALL_MARGIN_MS;
	return most;
}

void
stall_begin(struct stall *stall, int64_t now_ms)
{
	*stall = (struct stall){ .seen.state = SCOREBOARD_WAITING,
		.request_ms = now_ms,
		.change_ms = now_ms };
}

bool
stall_is_over(struct stall *stall, const struct stall_limits *limits,
    const struct scoreboard_signs *signs, int64_t now_ms)
{
	const struct scoreboard_signs *seen = &stall->seen;

	if (limits->handling_ms == 0)
		return false;
	if (signs->requests != seen->requests)
		stall->request_ms = now_ms;
	if (signs->requests != seen->requests || signs->state != seen->state ||
	    signs->octets != seen->octets)
		stall->change_ms = now_ms;
	stall->seen = *signs;
	if (signs->state == SCOREBOARD_HANDLING)
		return now_ms - stall->request_ms > limits->handling_ms;
	return now_ms - stall->change_ms > limits->still_ms;
}
