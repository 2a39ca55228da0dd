/* SPDX-License-Identifier: ISC */
#include "generation/watchdog.h"

#include <signal.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/scoreboard.h"
#include "config/configuration.h"
#include "config/route.h"
#include "config/site.h"
#include "generation/children.h"

/* How often slots are looked through, where there are such limits. */
#define SWEEP_MS 500

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
overdue_init(struct overdue *o, const struct configuration *configuration,
    const struct scoreboard *scoreboard, struct children *children)
{
	*o = (struct overdue){
		.scoreboard = scoreboard,
		.children = children,
		.slots = configuration->max_connections,
		.has_time_limits = has_time_limits(configuration),
		.stall_limits = stall_limits_of(configuration),
	};
}

/* Why a process has to be ended; NULL: it may go on. Its own word comes first,
 * which is the sharper one where it can be believed. */
static const char *
why_overdue(const struct overdue *o, struct child *child, size_t slot,
    int64_t now_ms)
{
	struct scoreboard_signs signs = scoreboard_signs(o->scoreboard, slot);
	int64_t kill_at_ms = scoreboard_kill_at(o->scoreboard, slot);

	if (kill_at_ms > 0 && kill_at_ms <= now_ms)
		return "took more than max_request_time, and did not end by "
		       "itself";
	return stall_is_over(&child->stall, &o->stall_limits, &signs, now_ms) ?
	    "has stood still for longer than any limit lets it" :
	    NULL;
}

static void
end(struct child *child, const char *why)
{
	char client[ADDRESS_TEXT_BYTES];

	log_error("connection process %ld of %s %s: killed", (long)child->pid,
	    address_format(&child->client, client), why);
	child->killed = true;
	kill(child->pid, SIGKILL);
}

int64_t
overdue_sweep(struct overdue *o)
{
	int64_t now_ms = clock_ms();
	struct child *child;
	const char *why;
	size_t slot;

	if (!o->has_time_limits)
		return INT64_MAX;
	if (now_ms < o->next_ms)
		return o->next_ms;
	for (slot = 0; slot < o->slots; slot++) {
		child = children_at(o->children, slot);
		if (!child || child->killed)
			continue;
		why = why_overdue(o, child, slot, now_ms);
		if (why)
			end(child, why);
	}
	o->next_ms = now_ms + SWEEP_MS;
	return o->next_ms;
}
