/*
 * Watchdog. The states in which the page of an honest process may stay
 * unchanged, and the limits of each:
 *
 * 	waiting, reading	head_timeout, idle_timeout
 * 	handling		max_request_time; while the handler waits for
 * 				the client, send_timeout or body_timeout
 * 	sending			send_timeout; then body_timeout, where the rest
 * 				of a body is read
 * 	closing, crashing	seconds, which the margin covers
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/watchdog.h"

#include <signal.h>
#include <time.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/log.h"
#include "config/configuration.h"
#include "config/route.h"
#include "config/site.h"
#include "generation/children.h"
#include "generation/presence.h"
#include "sandbox/quota.h"

/* Between two sweeps. */
#define LONGEST_INTERVAL_MS  1000
#define SHORTEST_INTERVAL_MS 50

/* Processor time beyond the limit, for the process's own timer to come first. */
#define CPU_MARGIN_MS 250

/* The kernel is asked for the client of a handler at work so often within
 * gone_grace; for others, which notice the end themselves unless they lie, once
 * in so many times gone_grace. */
#define LOOKS_IN_GRACE 4
#define GRACES_A_LOOK  4

/*
 * Limits.
 */

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

static void
add_route(struct watchdog_limits *most, const struct route *route)
{
	const struct limits *limits = &route->limits;

	add_timeouts(most, limits);
	raise_to(&most->handling_ms, limits->max_request_time_ms);
	raise_to(&most->total_ms,
	    (int64_t)route->handler_count *
		(limits->max_request_total_ms + QUOTA_KILL_MARGIN_MS));
	raise_to(&most->gone_ms, limits->gone_grace_ms);
}

/* The next route of a configuration, by a cursor that begins at 0s. NULL: there
 * are no more. */
struct cursor {
	size_t site, route;
};

static const struct route *
next_route(const struct configuration *c, struct cursor *at)
{
	for (; at->site < c->site_count; at->site++, at->route = 0)
		if (at->route < c->sites[at->site].route_count)
			return &c->sites[at->site].routes[at->route++];
	return NULL;
}

struct watchdog_limits
watchdog_limits(const struct configuration *c)
{
	struct watchdog_limits most = { 0 };
	struct cursor at = { 0, 0 };
	const struct route *route;
	bool time = true, total = true, gone = true;

	add_timeouts(&most, &c->limits);
	while ((route = next_route(c, &at))) {
		add_route(&most, route);
		time &= route->limits.max_request_time_ms > 0;
		total &= route->limits.max_request_total_ms > 0;
		gone &= route->limits.gone_grace_ms > 0;
	}
	most.still_ms += WATCHDOG_MARGIN_MS;
	most.handling_ms = time ?
	    most.handling_ms + QUOTA_KILL_MARGIN_MS + WATCHDOG_MARGIN_MS :
	    0;
	most.total_ms = total ? most.total_ms + WATCHDOG_MARGIN_MS : 0;
	most.gone_ms = gone ? most.gone_ms : 0;
	return most;
}

static void
lower_to(int64_t *least, int64_t ms)
{
	if (ms > 0 && (*least == 0 || *least > ms))
		*least = ms;
}

int64_t
watchdog_interval_ms(const struct configuration *c)
{
	struct cursor at = { 0, 0 };
	const struct route *route;
	int64_t least = 0;

	while ((route = next_route(c, &at))) {
		lower_to(&least, route->limits.max_request_time_ms);
		lower_to(&least, route->limits.max_request_total_ms);
		lower_to(&least, route->limits.max_cpu_time_ms);
		lower_to(&least, route->limits.gone_grace_ms / 2);
	}
	if (least == 0)
		return 0;
	least /= 4;
	if (least < SHORTEST_INTERVAL_MS)
		return SHORTEST_INTERVAL_MS;
	return least < LONGEST_INTERVAL_MS ? least : LONGEST_INTERVAL_MS;
}

void
watchdog_init(struct watchdog *w, const struct configuration *configuration,
    const struct scoreboard *scoreboard, struct children *children,
    int presence)
{
	*w = (struct watchdog){
		.scoreboard = scoreboard,
		.children = children,
		.slots = children_slots(children),
		.presence = presence,
		.limits = watchdog_limits(configuration),
		.interval_ms = watchdog_interval_ms(configuration),
	};
}

/*
 * The page of a process.
 */

void
watchdog_begin(struct watchdog_view *view, int64_t now_ms)
{
	*view = (struct watchdog_view){ .seen.state = SCOREBOARD_WAITING,
		.request_ms = now_ms,
		.call_ms = now_ms,
		.change_ms = now_ms };
}

static bool
is_same_call(const struct scoreboard_signs *a, const struct scoreboard_signs *b)
{
	return a->requests == b->requests && a->calls == b->calls &&
	    a->state == b->state;
}

static void
observe(struct watchdog_view *view, const struct scoreboard_signs *signs,
    int64_t now_ms)
{
	const struct scoreboard_signs *seen = &view->seen;
	bool is_same = is_same_call(signs, seen);

	if (signs->requests != seen->requests)
		view->request_ms = now_ms;
	if (!is_same) {
		view->call_ms = now_ms;
		view->told_ms = 0;
		view->has_cpu = false;
	}
	if (!is_same || signs->octets != seen->octets ||
	    signs->is_waiting != seen->is_waiting)
		view->change_ms = now_ms;
	view->seen = *signs;
}

/* 0: no limit. */
static bool
is_beyond(int64_t limit_ms, int64_t time_ms)
{
	return limit_ms > 0 && time_ms > limit_ms;
}

enum watchdog_verdict
watchdog_judge(struct watchdog_view *view, const struct watchdog_limits *limits,
    const struct scoreboard_signs *signs, int64_t now_ms)
{
	bool handles = signs->state == SCOREBOARD_HANDLING;
	bool works = handles && !signs->is_waiting;
	int64_t still_ms;

	observe(view, signs, now_ms);
	still_ms = now_ms - view->change_ms;
	if (handles && is_beyond(signs->total_ms, now_ms - view->call_ms))
		return WATCHDOG_TOTAL;
	if (works && is_beyond(signs->time_ms, still_ms))
		return WATCHDOG_TIME;
	if (handles && is_beyond(limits->total_ms, now_ms - view->request_ms))
		return WATCHDOG_STILL;
	if (limits->handling_ms > 0 &&
	    still_ms > (works ? limits->handling_ms : limits->still_ms))
		return WATCHDOG_STILL;
	return WATCHDOG_FINE;
}

/*
 * What the kernel knows.
 */

/* The process's own timer ends an honest one. */
static bool
uses_too_much(struct child *child)
{
	struct watchdog_view *view = &child->view;
	int64_t now_ms;

	if (view->seen.cpu_ms <= 0)
		return false;
	now_ms = clock_used_ms(child->pid);
	if (!view->has_cpu) {
		view->has_cpu = now_ms >= 0;
		view->cpu_ms = now_ms;
		return false;
	}
	/* The page may claim any number, also the largest there is. */
	return now_ms - view->cpu_ms - CPU_MARGIN_MS > view->seen.cpu_ms;
}

/* What the page claims, as far as every route's limit permits. */
static int64_t
grace_ms(const struct watchdog *w, const struct watchdog_view *view)
{
	const int64_t longest = 24 * 3600 * INT64_C(1000);
	int64_t most = w->limits.gone_ms > 0 ? w->limits.gone_ms : longest;
	int64_t claimed = view->seen.gone_ms;

	if (claimed <= 0)
		return w->limits.gone_ms;
	return claimed < most ? claimed : most;
}

static void
look_for_client(const struct watchdog *w, struct child *child, int64_t now_ms)
{
	if (!presence_has_gone(w->presence, &child->presence))
		child->view.gone_ms = 0;
	else if (child->view.gone_ms == 0)
		child->view.gone_ms = now_ms;
}

/* Half of the grace is for the handler, the rest covers the time until its
 * client is missed. */
static bool
works_for_nobody(const struct watchdog *w, struct child *child, int64_t now_ms)
{
	struct watchdog_view *view = &child->view;
	int64_t grace = grace_ms(w, view);
	int64_t wait_ms = view->seen.state == SCOREBOARD_HANDLING ?
	    grace / LOOKS_IN_GRACE :
	    grace * GRACES_A_LOOK;

	if (w->presence < 0 || grace <= 0)
		return false;
	if (view->look_ms == 0 || view->look_ms > now_ms + wait_ms)
		view->look_ms = now_ms + wait_ms;
	if (now_ms >= view->look_ms) {
		look_for_client(w, child, now_ms);
		view->look_ms = now_ms + wait_ms;
	}
	return view->gone_ms > 0 && now_ms - view->gone_ms >= grace / 2;
}

/*
 * Verdicts.
 */

static const char out_of_time[] =
    "took more than max_cpu_time, and did not end "
    "by itself";

static void
log_kill(const struct child *child, const char *why)
{
	char client[ADDRESS_TEXT_BYTES];

	log_error("connection process %ld of %s %s: killed", (long)child->pid,
	    address_format(&child->client, client), why);
}

static void
end_child(struct children *children, struct child *child, const char *why)
{
	log_kill(child, why);
	child->is_limited = true;
	children_end(children, child);
}

void
watchdog_note_kill(struct child *child)
{
	log_kill(child, out_of_time);
	child->is_limited = true;
	child->killed = true;
}

/* Clients leave at all times: no fault of the handler. */
static void
end_work(struct children *children, struct child *child)
{
	char client[ADDRESS_TEXT_BYTES];

	log_info("connection process %ld of %s has worked for gone_grace since "
		 "its client left: ended",
	    (long)child->pid, address_format(&child->client, client));
	children_end(children, child);
}

/* The crash handler of an honest process responds, and logs the limit. */
static void
end_call(struct children *children, struct child *child,
    enum watchdog_verdict verdict, int64_t now_ms)
{
	bool is_time = verdict == WATCHDOG_TIME;

	if (child->view.told_ms == 0) {
		child->view.told_ms = now_ms;
		kill(child->pid,
		    is_time ? QUOTA_TIME_SIGNAL : QUOTA_TOTAL_SIGNAL);
	} else if (now_ms - child->view.told_ms >= QUOTA_KILL_MARGIN_MS) {
		end_child(children, child,
		    is_time ? "took more than max_request_time, and did not "
			      "end by itself" :
			      "took more than max_request_total, and did not "
			      "end by itself");
	}
}

static void
examine(struct watchdog *w, struct child *child, size_t slot, int64_t now_ms)
{
	const struct scoreboard_signs signs = scoreboard_signs(w->scoreboard,
	    slot);
	enum watchdog_verdict verdict = watchdog_judge(&child->view, &w->limits,
	    &signs, now_ms);

	if (verdict == WATCHDOG_STILL)
		end_child(w->children, child,
		    "has stood still for longer than any limit lets it");
	else if (uses_too_much(child))
		end_child(w->children, child, out_of_time);
	else if (works_for_nobody(w, child, now_ms))
		end_work(w->children, child);
	else if (verdict != WATCHDOG_FINE)
		end_call(w->children, child, verdict, now_ms);
}

static bool
is_watched(const struct child *child)
{
	return !child->worker || (child->is_member && !child->is_idle);
}

int64_t
watchdog_sweep(struct watchdog *w)
{
	int64_t now_ms = clock_ms();
	struct child *child;
	size_t slot;

	if (w->interval_ms == 0 ||
	    (children_count(w->children) == 0 && w->members == 0))
		return INT64_MAX;
	if (now_ms < w->next_ms)
		return w->next_ms;
	for (slot = 0; slot < w->slots; slot++) {
		child = children_at(w->children, slot);
		if (child && !child->killed && is_watched(child))
			examine(w, child, slot, now_ms);
	}
	w->next_ms = now_ms + w->interval_ms;
	return w->next_ms;
}
