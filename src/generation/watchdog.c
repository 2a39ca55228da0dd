/*
 * Watchdog. The states in which the page of an honest process may stay
 * unchanged, and the limits of each:
 *
 * 	waiting, reading	head_timeout, idle_timeout
 * 	handling		max_request_time, for each handler in turn
 * 	sending			send_timeout; then body_timeout, where the rest
 * 				of a body is read
 * 	closing, crashing	seconds, which the margin covers
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/watchdog.h"

#include <signal.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/log.h"
#include "config/configuration.h"
#include "config/route.h"
#include "config/site.h"
#include "generation/children.h"
#include "sandbox/quota.h"

/* The interval at which slots are examined, when a route has a time limit. */
#define SWEEP_MS 500

static void
raise_to(int64_t *most, int64_t ms)
{
	if (*most < ms)
		*most = ms;
}

static void
add_timeouts(struct watchdog_limits *most, const struct limits *limits)
{
	raise_to(&most->still_ms, limits->head_timeout_ms);
	raise_to(&most->still_ms, limits->idle_timeout_ms);
	raise_to(&most->still_ms, limits->body_timeout_ms);
	raise_to(&most->still_ms, limits->send_timeout_ms);
}

/* False where the time of a request has no limit. */
static bool
add_limits_of_route(struct watchdog_limits *most, const struct route *route)
{
	int64_t each_ms = route->limits.max_request_time_ms;

	add_timeouts(most, &route->limits);
	raise_to(&most->handling_ms,
	    (int64_t)route->handler_count * (each_ms + QUOTA_KILL_MARGIN_MS));
	return each_ms > 0;
}

struct watchdog_limits
watchdog_limits(const struct configuration *c)
{
	struct watchdog_limits most = { 0, 0 };
	const struct site *site;
	bool bounded = true;
	size_t i, j;

	add_timeouts(&most, &c->limits);
	for (i = 0; i < c->site_count; i++) {
		site = &c->sites[i];
		for (j = 0; j < site->route_count; j++)
			bounded &= add_limits_of_route(&most, &site->routes[j]);
	}
	most.handling_ms = bounded ? most.handling_ms + WATCHDOG_MARGIN_MS : 0;
	most.still_ms += WATCHDOG_MARGIN_MS;
	return most;
}

static bool
has_time_limits(const struct configuration *c)
{
	size_t i, j;

	for (i = 0; i < c->site_count; i++)
		for (j = 0; j < c->sites[i].route_count; j++)
			if (c->sites[i].routes[j].limits.max_request_time_ms >
			    0)
				return true;
	return false;
}

void
watchdog_init(struct watchdog *w, const struct configuration *configuration,
    const struct scoreboard *scoreboard, struct children *children)
{
	*w = (struct watchdog){
		.scoreboard = scoreboard,
		.children = children,
		.slots = configuration->max_connections + SCOREBOARD_RESERVED,
		.has_time_limits = has_time_limits(configuration),
		.limits = watchdog_limits(configuration),
	};
}

void
watchdog_begin(struct watchdog_view *view, int64_t now_ms)
{
	*view = (struct watchdog_view){ .seen.state = SCOREBOARD_WAITING,
		.request_ms = now_ms,
		.change_ms = now_ms };
}

bool
watchdog_finds_stall(struct watchdog_view *view,
    const struct watchdog_limits *limits, const struct scoreboard_signs *signs,
    int64_t now_ms)
{
	const struct scoreboard_signs *seen = &view->seen;

	if (limits->handling_ms == 0)
		return false;
	if (signs->requests != seen->requests)
		view->request_ms = now_ms;
	if (signs->requests != seen->requests || signs->state != seen->state ||
	    signs->octets != seen->octets)
		view->change_ms = now_ms;
	view->seen = *signs;
	if (signs->state == SCOREBOARD_HANDLING)
		return now_ms - view->request_ms > limits->handling_ms;
	return now_ms - view->change_ms > limits->still_ms;
}

/* The reason to kill a process; NULL: it may go on. The deadline that the
 * process has set for itself comes first: an honest one is the earlier. */
static const char *
find_reason(const struct watchdog *w, struct child *child, size_t slot,
    int64_t now_ms)
{
	struct scoreboard_signs signs = scoreboard_signs(w->scoreboard, slot);
	int64_t kill_at_ms = scoreboard_kill_at(w->scoreboard, slot);

	if (kill_at_ms > 0 && kill_at_ms <= now_ms)
		return "took more than max_request_time, and did not end by "
		       "itself";
	return watchdog_finds_stall(&child->view, &w->limits, &signs, now_ms) ?
	    "has stood still for longer than any limit lets it" :
	    NULL;
}

static void
kill_child(struct child *child, const char *why)
{
	char client[ADDRESS_TEXT_BYTES];

	log_error("connection process %ld of %s %s: killed", (long)child->pid,
	    address_format(&child->client, client), why);
	child->killed = true;
	kill(child->pid, SIGKILL);
}

int64_t
watchdog_sweep(struct watchdog *w)
{
	int64_t now_ms = clock_ms();
	struct child *child;
	const char *why;
	size_t slot;

	if (!w->has_time_limits)
		return INT64_MAX;
	if (now_ms < w->next_ms)
		return w->next_ms;
	for (slot = 0; slot < w->slots; slot++) {
		child = children_at(w->children, slot);
		if (!child || child->killed)
			continue;
		why = find_reason(w, child, slot, now_ms);
		if (why)
			kill_child(child, why);
	}
	w->next_ms = now_ms + SWEEP_MS;
	return w->next_ms;
}
