/*
 * Routes of a site and their handlers. See site_route.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "config/site_route.h"

#include <stdbool.h>
#include <string.h>

#include "config/configuration.h"
#include "config/handler.h"
#include "config/report.h"
#include "config/route.h"
#include "config/setting.h"
#include "config/site.h"

#define PATH_MAX_BYTES 1024

bool
site_read_inherited(struct site_reader *r, const config_setting_t *s,
    const char *where, struct limits *limits, struct policy *policy)
{
	const char *name = config_setting_name(s);

	if (policy_knows(name))
		policy_read(r->c, s, policy, r->report);
	else if (limits_know_below_server(name))
		limits_read(s, limits, r->report);
	else if (limits_know(name))
		report_error(r->report, s,
		    "%s: found in a %s; possible: at the top of the main file, "
		    "as it is needed before the %s is known",
		    name, where, where);
	else
		return false;
	return true;
}

/*
 * Handlers: every group in a route, or in the groups of the list "handlers".
 */

static void
add_handler(struct site_reader *r, struct route *route,
    const config_setting_t *group)
{
	struct handler *handler = &route->handlers[route->handler_count];
	const char *name = config_setting_name(group);
	char text[SETTING_NAME_BYTES];

	if (!setting_is_name(name)) {
		report_error(r->report, group,
		    "%s: found a group whose name "
		    "no handler can have; possible: lower-case letters, "
		    "digits, \"_\" and \"-\", beginning with a letter",
		    setting_name(group, text));
		return;
	}
	handler->name = name;
	handler->group = group;
	handler->route = route;
	route->handler_count++;
}

/* One element of the list "handlers". */
static void
add_handlers_of(struct site_reader *r, struct route *route,
    const config_setting_t *list_element)
{
	const config_setting_t *s;

	if (!config_setting_is_group(list_element) ||
	    site_length(list_element) != 1) {
		setting_wrong(list_element, r->report,
		    "a group with one "
		    "handler in it, as in ( { flag = { }; }, { static = "
		    "{ }; } )");
		return;
	}
	s = site_element(list_element, 0);
	if (config_setting_is_group(s))
		add_handler(r, route, s);
	else
		setting_wrong(s, r->report, "a group, which is a handler");
}

static void
add_handler_list(struct site_reader *r, struct route *route,
    const config_setting_t *list)
{
	size_t i;

	if (!config_setting_is_list(list)) {
		setting_wrong(list, r->report,
		    "a list of groups with one "
		    "handler in each, as in ( { flag = { }; }, { static = "
		    "{ }; } )");
		return;
	}
	for (i = 0; i < site_length(list); i++)
		add_handlers_of(r, route, site_element(list, i));
}

/* Settings of a route besides handlers, policy and limits. */
static const char *const route_names[] = { "path", "exact", "handlers",
	"encoded_slash", "fresh", "process", "processes" };

#define ROUTE_NAMES (sizeof(route_names) / sizeof(route_names[0]))

bool
site_is_handler(const config_setting_t *s)
{
	const char *name = config_setting_name(s);
	size_t i;

	if (!config_setting_is_group(s) || limits_know(name) ||
	    policy_knows(name))
		return false;
	for (i = 0; i < ROUTE_NAMES; i++)
		if (strcmp(route_names[i], name) == 0)
			return false;
	return true;
}

/* A handler beside the list of handlers is an error, as it would have no place
 * in the list's order. */
static void
read_handlers(struct site_reader *r, struct route *route,
    const config_setting_t *setting)
{
	const config_setting_t *list, *s, *first = NULL;
	size_t i, groups = 0, most;

	list = config_setting_get_member(setting, "handlers");
	for (i = 0; i < site_length(setting); i++) {
		s = site_element(setting, i);
		if (site_is_handler(s)) {
			if (!first)
				first = s;
			groups++;
		}
	}
	if (list && first) {
		report_error(r->report, first,
		    "%s: found a handler beside "
		    "the list \"handlers\"; possible: all handlers in the "
		    "list, or none",
		    config_setting_name(first));
		return;
	}
	most = list && config_setting_is_list(list) ? site_length(list) :
						      groups;
	route->handlers = setting_alloc(&r->c->arena, setting,
	    most * sizeof(*route->handlers), r->report);
	if (!route->handlers)
		return;
	if (list)
		add_handler_list(r, route, list);
	for (i = 0; i < site_length(setting) && !list; i++) {
		s = site_element(setting, i);
		if (site_is_handler(s))
			add_handler(r, route, s);
	}
	if (most == 0 && (!list || config_setting_is_list(list)))
		report_error(r->report, setting,
		    "route: found no handler; "
		    "possible: a group with a handler's name, as in static = "
		    "{ root = \"/var/www/html\"; };");
}

/*
 * The path of a route is compared with decoded and normalised paths, so a path
 * that is not normalised could never match.
 */
static const char *
path_fault(const char *path, bool exact)
{
	const char *segment, *end;

	if (path[0] != '/')
		return "a path that begins with \"/\"";
	if (strlen(path) > PATH_MAX_BYTES)
		return "at most 1024 bytes";
	for (end = path; *end != '\0'; end++)
		if ((unsigned char)*end < 0x20 || *end == 0x7f)
			return "a path without control characters";
	for (segment = path + 1;; segment = end + 1) {
		size_t n = strcspn(segment, "/");

		end = segment + n;
		if ((n == 1 && segment[0] == '.') ||
		    (n == 2 && segment[0] == '.' && segment[1] == '.'))
			return "a path without the segments . and ..";
		if (*end == '\0') {
			if (n == 0 && segment > path + 1 && !exact)
				return "the same without \"/\" at the end: "
				       "it stands for all below it anyway";
			return NULL;
		}
		if (n == 0)
			return "a path without empty segments (//)";
	}
}

static void
read_path(struct site_reader *r, struct route *route,
    const config_setting_t *setting)
{
	const config_setting_t *prefix, *exact, *s;
	const char *text, *fault;

	prefix = config_setting_get_member(setting, "path");
	exact = config_setting_get_member(setting, "exact");
	if ((!prefix) == (!exact)) {
		report_error(r->report, setting,
		    "route: found %s; possible: "
		    "path = \"/a\" for /a and all below, or exact = \"/a\" "
		    "for it alone",
		    !prefix ? "no path" : "both path and exact");
		return;
	}
	s = prefix ? prefix : exact;
	text = setting_string(s, r->report);
	if (!text)
		return;
	fault = path_fault(text, exact);
	if (fault) {
		setting_wrong(s, r->report, "%s", fault);
		return;
	}
	if (strpbrk(text, "%?#"))
		report_warning(r->report, s,
		    "%s: found \"%s\"; a request's "
		    "path is compared without its query and decoded, so that "
		    "%%, ? and # here stand for themselves",
		    config_setting_name(s), text);
	route->exact = exact;
	route->path_length = strlen(text);
	route->path = arena_copy(&r->c->arena, text, route->path_length);
	if (!route->path)
		report_error(r->report, s, "out of memory");
}

static void
read_encoded_slash(struct site_reader *r, struct route *route,
    const config_setting_t *s)
{
	static const char *const choices[] = { "refuse", "keep" };
	size_t choice = 0;

	if (setting_choice(s, choices, 2, &choice, r->report) == 0)
		route->keeps_slashes = choice == 1;
}

static void
read_process(struct site_reader *r, struct route *route,
    const config_setting_t *s)
{
	static const char *const choices[] = { [PROCESS_AUTO] = "auto",
		[PROCESS_OWN] = "own",
		[PROCESS_SHARED] = "shared" };
	size_t choice = 0;

	if (setting_choice(s, choices, 3, &choice, r->report) == 0)
		route->process = (enum route_process)choice;
}

static void
read_processes(struct site_reader *r, struct route *route,
    const config_setting_t *s)
{
	struct pool_setting *pool = setting_alloc(&r->c->arena, s,
	    sizeof(*pool), r->report);

	if (pool && pool_setting_read(s, pool, r->report) == 0)
		route->processes = pool;
}

/* Handlers would get another spelling of the path of the route. */
static void
check_encoded_slash(struct site_reader *r, const struct route *route)
{
	if (route->keeps_slashes && route->path && strchr(route->path, '%'))
		report_error(r->report, route->setting,
		    "encoded_slash: found \"keep\" in a route whose path has a "
		    "%%; possible: a path without it");
}

static void
read_route_setting(struct site_reader *r, struct route *route,
    const config_setting_t *s)
{
	const char *name = config_setting_name(s);
	const char *names[ROUTE_NAMES + POLICY_NAMES + LIMITS_MAX];
	size_t count = ROUTE_NAMES;

	if (site_read_inherited(r, s, "route", &route->limits, &route->policy))
		return;
	if (strcmp(name, "encoded_slash") == 0) {
		read_encoded_slash(r, route, s);
	} else if (strcmp(name, "fresh") == 0) {
		setting_bool(s, &route->is_fresh, r->report);
	} else if (strcmp(name, "process") == 0) {
		read_process(r, route, s);
	} else if (strcmp(name, "processes") == 0) {
		read_processes(r, route, s);
	} else if (strcmp(name, "path") != 0 && strcmp(name, "exact") != 0 &&
	    strcmp(name, "handlers") != 0 && !site_is_handler(s)) {
		memcpy(names, route_names, sizeof(route_names));
		count += policy_names(names + count);
		count += limits_names(names + count, false);
		setting_unknown(s, r->report, names, count,
		    "or a group { }, which is a handler");
	}
}

static void
read_route(struct site_reader *r, const struct site *site, struct route *route,
    const config_setting_t *setting)
{
	size_t i;

	route->setting = setting;
	route->site = site;
	route->limits = site->limits;
	route->policy = site->policy;
	if (!config_setting_is_group(setting)) {
		setting_wrong(setting, r->report,
		    "a group, as in { path = "
		    "\"/\"; static = { }; }");
		return;
	}
	for (i = 0; i < site_length(setting); i++)
		read_route_setting(r, route, site_element(setting, i));
	read_path(r, route, setting);
	check_encoded_slash(r, route);
	read_handlers(r, route, setting);
}

static void
check_duplicate_routes(struct site_reader *r, const struct site *site)
{
	size_t i, j;

	for (i = 0; i < site->route_count; i++) {
		const struct route *a = &site->routes[i];

		for (j = 0; j < i && a->path; j++) {
			const struct route *b = &site->routes[j];

			if (!b->path || a->exact != b->exact ||
			    strcmp(a->path, b->path) != 0)
				continue;
			report_error(r->report, a->setting,
			    "route: found %s "
			    "= \"%s\" twice in this site, first in line %u; "
			    "possible: once, with several handlers in it",
			    a->exact ? "exact" : "path", a->path,
			    config_setting_source_line(b->setting));
			break;
		}
	}
}

void
site_read_routes(struct site_reader *r, struct site *site,
    const config_setting_t *s)
{
	size_t i, count;

	if (!config_setting_is_list(s) || site_length(s) == 0) {
		setting_wrong(s, r->report,
		    "a list of at least one route, as "
		    "in ( { path = \"/\"; static = { }; } )");
		return;
	}
	count = site_length(s);
	site->routes = setting_alloc(&r->c->arena, s,
	    count * sizeof(*site->routes), r->report);
	if (!site->routes)
		return;
	site->route_count = count;
	for (i = 0; i < count; i++)
		read_route(r, site, &site->routes[i], site_element(s, i));
	check_duplicate_routes(r, site);
}
