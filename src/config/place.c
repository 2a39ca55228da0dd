/* SPDX-License-Identifier: ISC */
#include "config/place.h"

#include <stddef.h>
#include <string.h>

#include <prong/handler.h>

#include "base/log.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/report.h"
#include "config/site.h"

/* The handlers that come with prong. The name of a handler is that of a file in
 * plugin_dir, which the administrator alone can change. */
static const char *const own_names[] = { "static", "flag", "status", "echo" };

static bool
is_prongs_own(const struct handler *handler)
{
	size_t i;

	for (i = 0; i < sizeof(own_names) / sizeof(own_names[0]); i++)
		if (strcmp(handler->name, own_names[i]) == 0)
			return true;
	return false;
}

/* The setting that holds for a whole process, so that it cannot be shared; NULL:
 * none. A limit of 0 is none. Limits of time are no such settings: a worker can
 * hold each request to its own. */
static const char *
setting_of_process(const struct route *route)
{
	if (route->is_fresh)
		return "fresh";
	if (route->limits.max_cpu_time_ms > 0)
		return "max_cpu_time";
	if (route->limits.max_memory_bytes > 0)
		return "max_memory";
	if (route->limits.max_open_files > 0)
		return "max_open_files";
	return NULL;
}

/* Why the handler must not share a process; NULL: it may. */
static const char *
fault_of(const struct handler *handler, enum route_process process)
{
	if (handler->plugin->needs & PRONG_NEEDS_PROCESSES)
		return "can start processes";
	if (!(handler_promises(handler->plugin) & PRONG_SHARES_PROCESS))
		return "does not promise that it can share a process";
	if (process != PROCESS_SHARED && !is_prongs_own(handler))
		return "does not come with prong";
	return NULL;
}

/* Why the handler must not serve several clients, one after the other. */
static const char *
fault_of_reuse(const struct handler *handler)
{
	if (handler->plugin->needs & PRONG_NEEDS_PROCESSES)
		return "can start processes";
	if (!(handler_promises(handler->plugin) & PRONG_REUSES_PROCESS))
		return "does not promise that its process can be used again";
	return NULL;
}

/* Limits of a process hold for one that is used again, too. */
static const char *
setting_against_reuse(const struct route *route)
{
	if (route->process == PROCESS_OWN)
		return "process = \"own\"";
	if (route->process == PROCESS_SHARED)
		return "process = \"shared\"";
	return route->is_fresh ? "fresh" : NULL;
}

/* Each connection has a process, but at most so many at a time. */
static struct place_decision
decide_ceiling(const struct route *route)
{
	if (route->process == PROCESS_SHARED)
		return (struct place_decision){ ROUTE_OWN, NULL,
			"process = \"shared\"" };
	return (struct place_decision){ ROUTE_POOL, NULL, NULL };
}

static struct place_decision
decide_reuse(const struct route *route, bool has_workers)
{
	const char *why = has_workers ? setting_against_reuse(route) :
					"workers = 0";
	size_t i;

	if (why)
		return (struct place_decision){ ROUTE_OWN, NULL, why };
	for (i = 0; i < route->handler_count; i++) {
		why = fault_of_reuse(&route->handlers[i]);
		if (why)
			return (struct place_decision){ ROUTE_OWN,
				&route->handlers[i], why };
	}
	return (struct place_decision){ ROUTE_POOL, NULL, NULL };
}

struct place_decision
place_decide(const struct route *route, bool has_workers)
{
	const char *why = setting_of_process(route);
	size_t i;

	if (route->processes)
		return route->processes->requests == 0 ?
		    decide_ceiling(route) :
		    decide_reuse(route, has_workers);
	if (route->process == PROCESS_OWN)
		why = "process = \"own\"";
	else if (!has_workers)
		why = "workers = 0";
	if (why)
		return (struct place_decision){ ROUTE_OWN, NULL, why };
	for (i = 0; i < route->handler_count; i++) {
		const struct handler *handler = &route->handlers[i];

		why = fault_of(handler, route->process);
		if (why)
			return (struct place_decision){ ROUTE_OWN, handler,
				why };
	}
	if (route->process == PROCESS_SHARED)
		return (struct place_decision){ ROUTE_SHARED, NULL, NULL };
	return (struct place_decision){ ROUTE_WORKER, NULL, NULL };
}

/*
 * All routes of a configuration.
 */

struct cursor {
	size_t site, route;
};

/* NULL after the last route. */
static struct route *
next_route(const struct configuration *c, struct cursor *at)
{
	for (; at->site < c->site_count; at->site++, at->route = 0)
		if (at->route < c->sites[at->site].route_count)
			return &c->sites[at->site].routes[at->route++];
	return NULL;
}

static bool
has_plugins(const struct route *route)
{
	size_t i;

	for (i = 0; i < route->handler_count; i++)
		if (!route->handlers[i].plugin)
			return false;
	return true;
}

/* Reports that a route that is to be shared cannot be. */
static void
report_refusal(const struct route *route, const struct place_decision *decision,
    bool has_workers, struct report *report)
{
	const config_setting_t *s = config_setting_get_member(route->setting,
	    "process");

	if (!has_workers)
		report_error(report, s,
		    "process: found \"shared\" in a server without workers; "
		    "possible: workers = \"auto\"; in the main file, or "
		    "\"auto\" or \"own\" here");
	else if (decision->handler)
		report_error(report, s,
		    "process: found \"shared\" in a route whose handler %s "
		    "%s; possible: \"auto\" or \"own\", or handlers that "
		    "promise it (PRONG_SHARES_PROCESS, see prong-handler(7)) "
		    "and start no processes",
		    decision->handler->name, decision->why);
	else
		report_error(report, s,
		    "process: found \"shared\" in a route that has %s, which "
		    "holds for the process of a connection; possible: \"auto\" "
		    "or \"own\", or no %s for this route",
		    decision->why, decision->why);
}

/* Reports that the processes of a route cannot be used again. */
static void
report_no_reuse(const struct route *route,
    const struct place_decision *decision, bool has_workers,
    struct report *report)
{
	const config_setting_t *s = config_setting_get_member(route->setting,
	    "processes");

	if (!has_workers && route->processes->requests > 0)
		report_error(report, s,
		    "processes: found requests in a server without workers, "
		    "whose processes are forked before the route is known; "
		    "possible: workers = \"auto\"; in the main file, or "
		    "no requests");
	else if (decision->handler)
		report_error(report, s,
		    "processes: found in a route whose handler %s %s; "
		    "possible: handlers that promise it "
		    "(PRONG_REUSES_PROCESS, see prong-handler(7)) and start no "
		    "processes",
		    decision->handler->name, decision->why);
	else
		report_error(report, s,
		    "processes: found beside %s; possible: one of the two",
		    decision->why);
}

/* Nobody can wait whose process has been forked already. */
static void
check_queue(const struct route *route, struct report *report)
{
	static const char *const names[] = { "queue", "queue_timeout" };
	const config_setting_t *group =
	    config_setting_get_member(route->setting, "processes");
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const config_setting_t *s = config_setting_get_member(group,
		    names[i]);

		if (s)
			report_error(report, s,
			    "processes.%s: found in a server without workers, "
			    "where "
			    "nobody waits for a process; possible: workers = "
			    "\"auto\"; in the main file",
			    names[i]);
	}
}

/* All pools whose processes are used again have their places in one table. */
static void
add_pool(struct route *route, uint64_t *sum, uint32_t *count,
    struct report *report)
{
	route->pool = (*count)++;
	if (route->processes->requests == 0)
		return;
	*sum += route->processes->max;
	if (*sum > POOL_PROCESSES_MAX_SUM)
		report_error(report,
		    config_setting_get_member(route->setting, "processes"),
		    "processes: found %llu processes in all routes up to this "
		    "one; possible: at most %d, by the max of each",
		    (unsigned long long)*sum, POOL_PROCESSES_MAX_SUM);
}

int
place_settle(const struct configuration *c, struct report *report)
{
	const bool has_workers = c->workers != 0;
	unsigned before = report->errors;
	struct cursor cursor = { 0, 0 };
	struct route *route;
	uint64_t sum = 0;
	uint32_t pools = 0;

	while ((route = next_route(c, &cursor))) {
		struct place_decision decision;

		if (!has_plugins(route))
			continue;
		decision = place_decide(route, has_workers);
		route->place = decision.place;
		if (decision.place == ROUTE_POOL && !has_workers)
			check_queue(route, report);
		if (decision.place == ROUTE_POOL)
			add_pool(route, &sum, &pools, report);
		else if (route->processes)
			report_no_reuse(route, &decision, has_workers, report);
		else if (route->process == PROCESS_SHARED &&
		    decision.place == ROUTE_OWN)
			report_refusal(route, &decision, has_workers, report);
	}
	return report->errors == before ? 0 : -1;
}

static void
print(const struct route *route)
{
	static const char *const processes[] = {
		[ROUTE_OWN] = "a process for each connection: it has ",
		[ROUTE_WORKER] = "workers",
		[ROUTE_SHARED] = "the workers for process = \"shared\"",
		[ROUTE_POOL] = "processes of its own",
	};
	const struct place_decision d = place_decide(route, true);
	const bool is_reused = route->processes &&
	    route->processes->requests > 0;
	const char *file = report_file_of(route->setting);
	unsigned line = config_setting_source_line(route->setting);

	if (d.handler)
		log_info("%s:%u: route %s is served by a process for each "
			 "connection: its handler %s %s",
		    file, line, route->path, d.handler->name, d.why);
	else if (d.place == ROUTE_POOL && route->processes)
		log_info("%s:%u: route %s is served by at most %llu processes, "
			 "%s",
		    file, line, route->path,
		    (unsigned long long)route->processes->max,
		    is_reused ? "each for one client after the other" :
				"each for one connection");
	else
		log_info("%s:%u: route %s is served by %s%s", file, line,
		    route->path, processes[d.place], d.why ? d.why : "");
}

void
place_print(const struct configuration *c)
{
	struct cursor cursor = { 0, 0 };
	const struct route *route;

	while (c->workers != 0 && (route = next_route(c, &cursor)))
		print(route);
}

/* The handlers of a route follow each other. */
const struct route *
place_next_pool(const struct configuration *c, size_t *cursor)
{
	const struct handler *handler;

	while ((handler = configuration_next_handler(c, cursor)))
		if (handler->route->place == ROUTE_POOL &&
		    handler == &handler->route->handlers[0])
			return handler->route;
	return NULL;
}

bool
place_has_ceiling(const struct route *route)
{
	return route->place == ROUTE_POOL && route->processes->requests == 0;
}
