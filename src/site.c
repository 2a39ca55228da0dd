/*
 * Reading the sites, their routes and the routes' handlers. See site.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "site.h"

#include <stdlib.h>
#include <string.h>

#include "configuration.h"
#include "plugin.h"
#include "report.h"
#include "setting.h"
#include "sources.h"

#define PATH_MAX_BYTES	1024
#define HOST_MAX_BYTES	253		/* of a name, RFC 1035 2.3.4 */

struct reader {
	struct configuration *c;
	struct report *report;
};

static void *
allocate(struct reader *r, const config_setting_t *setting, size_t count,
    size_t size)
{
	void *memory = arena_alloc(&r->c->arena, count * size);

	if (memory == NULL)
		report_error(r->report, setting, "out of memory");
	return memory;
}

static const config_setting_t *
element(const config_setting_t *setting, size_t i)
{
	return config_setting_get_elem(setting, (unsigned)i);
}

static size_t
length(const config_setting_t *setting)
{
	return (size_t)config_setting_length(setting);
}

void
site_read_prefixes(struct configuration *c, const config_setting_t *setting,
    struct prefix **prefixes, size_t *count, struct report *report)
{
	struct reader r = { c, report };
	long i, n = setting_check_strings(setting, report);
	const char *why = "";

	if (n < 0)
		return;
	*prefixes = allocate(&r, setting, (size_t)n, sizeof(**prefixes));
	if (*prefixes == NULL)
		return;
	for (i = 0; i < n; i++) {
		const config_setting_t *s = setting_string_at(setting, i);
		const char *text = config_setting_get_string(s);
		char name[SETTING_NAME_BYTES];

		if (prefix_parse(text, &(*prefixes)[*count], &why))
			(*count)++;
		else
			report_error(report, s, "%s: found \"%s\": %s",
			    setting_name(s, name), text, why);
	}
}

/*
 * Handlers: every group in a route, or in the groups of the list "handlers".
 */

static void
add_handler(struct reader *r, struct route *route,
    const config_setting_t *group)
{
	struct handler *handler = &route->handlers[route->handler_count];
	const char *name = config_setting_name(group);
	char text[SETTING_NAME_BYTES];

	if (!plugin_is_name(name)) {
		report_error(r->report, group, "%s: found a group whose name "
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
add_handlers_of(struct reader *r, struct route *route,
    const config_setting_t *list_element)
{
	const config_setting_t *s;
	size_t i;

	if (!config_setting_is_group(list_element) ||
	    length(list_element) != 1) {
		setting_wrong(list_element, r->report, "a group with one "
		    "handler in it, as in ( { flag = { }; }, { static = "
		    "{ }; } )");
		return;
	}
	for (i = 0; i < length(list_element); i++) {
		s = element(list_element, i);
		if (config_setting_is_group(s))
			add_handler(r, route, s);
		else
			setting_wrong(s, r->report, "a group, which is a "
			    "handler");
	}
}

static void
add_handler_list(struct reader *r, struct route *route,
    const config_setting_t *list)
{
	size_t i;

	if (!config_setting_is_list(list)) {
		setting_wrong(list, r->report, "a list of groups with one "
		    "handler in each, as in ( { flag = { }; }, { static = "
		    "{ }; } )");
		return;
	}
	for (i = 0; i < length(list); i++)
		add_handlers_of(r, route, element(list, i));
}

/* What a route may hold besides handlers and limits. */
static const char *const route_names[] = {
	"path", "exact", "allow", "deny", "handlers"
};

#define ROUTE_NAMES	(sizeof(route_names) / sizeof(route_names[0]))

static bool
is_handler(const config_setting_t *s)
{
	const char *name = config_setting_name(s);
	size_t i;

	if (!config_setting_is_group(s) || limits_know(name))
		return false;
	for (i = 0; i < ROUTE_NAMES; i++)
		if (strcmp(route_names[i], name) == 0)
			return false;
	return true;
}

/* Handlers beside a list of handlers would have no place in the order. */
static void
read_handlers(struct reader *r, struct route *route,
    const config_setting_t *setting)
{
	const config_setting_t *list, *s, *first = NULL;
	size_t i, groups = 0, most;

	list = config_setting_get_member(setting, "handlers");
	for (i = 0; i < length(setting); i++) {
		s = element(setting, i);
		if (is_handler(s)) {
			if (first == NULL)
				first = s;
			groups++;
		}
	}
	if (list != NULL && first != NULL) {
		report_error(r->report, first, "%s: found a handler beside "
		    "the list \"handlers\"; possible: all handlers in the "
		    "list, or none", config_setting_name(first));
		return;
	}
	most = list != NULL && config_setting_is_list(list) ? length(list) :
	    groups;
	route->handlers = allocate(r, setting, most,
	    sizeof(*route->handlers));
	if (route->handlers == NULL)
		return;
	if (list != NULL)
		add_handler_list(r, route, list);
	for (i = 0; i < length(setting) && list == NULL; i++) {
		s = element(setting, i);
		if (is_handler(s))
			add_handler(r, route, s);
	}
	if (most == 0 && (list == NULL || config_setting_is_list(list)))
		report_error(r->report, setting, "route: found no handler; "
		    "possible: a group with a handler's name, as in static = "
		    "{ root = \"/var/www/html\"; };");
}

/*
 * The path of a route: compared with paths that are decoded and normalised, so
 * that one which is not could never match.
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
	for (segment = path + 1; ; segment = end + 1) {
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
read_path(struct reader *r, struct route *route,
    const config_setting_t *setting)
{
	const config_setting_t *prefix, *exact, *s;
	const char *text, *fault;

	prefix = config_setting_get_member(setting, "path");
	exact = config_setting_get_member(setting, "exact");
	if ((prefix == NULL) == (exact == NULL)) {
		report_error(r->report, setting, "route: found %s; possible: "
		    "path = \"/a\" for /a and all below, or exact = \"/a\" "
		    "for it alone", prefix == NULL ? "no path" :
		    "both path and exact");
		return;
	}
	s = prefix != NULL ? prefix : exact;
	text = setting_string(s, r->report);
	if (text == NULL)
		return;
	fault = path_fault(text, exact != NULL);
	if (fault != NULL) {
		setting_wrong(s, r->report, "%s", fault);
		return;
	}
	if (strpbrk(text, "%?#") != NULL)
		report_warning(r->report, s, "%s: found \"%s\"; a request's "
		    "path is compared without its query and decoded, so that "
		    "%%, ? and # here stand for themselves",
		    config_setting_name(s), text);
	route->exact = exact != NULL;
	route->path_length = strlen(text);
	route->path = arena_copy(&r->c->arena, text, route->path_length);
	if (route->path == NULL)
		report_error(r->report, s, "out of memory");
}

static void
read_route_setting(struct reader *r, struct route *route,
    const config_setting_t *s)
{
	const char *name = config_setting_name(s);
	const char *names[ROUTE_NAMES + LIMITS_MAX];

	if (strcmp(name, "allow") == 0)
		site_read_prefixes(r->c, s, &route->allow, &route->allow_count,
		    r->report);
	else if (strcmp(name, "deny") == 0)
		site_read_prefixes(r->c, s, &route->deny, &route->deny_count,
		    r->report);
	else if (limits_know_below_server(name))
		limits_read(s, &route->limits, r->report);
	else if (limits_know(name))
		report_error(r->report, s, "%s: found in a route; possible: "
		    "at the top of the main file, as it is needed before the "
		    "route is known", name);
	else if (strcmp(name, "path") != 0 && strcmp(name, "exact") != 0 &&
	    strcmp(name, "handlers") != 0 && !is_handler(s)) {
		memcpy(names, route_names, sizeof(route_names));
		setting_unknown(s, r->report, names, ROUTE_NAMES +
		    limits_names(names + ROUTE_NAMES, false),
		    "or a group { }, which is a handler");
	}
}

static void
read_route(struct reader *r, const struct site *site, struct route *route,
    const config_setting_t *setting)
{
	size_t i;

	route->setting = setting;
	route->limits = site->limits;
	if (!config_setting_is_group(setting)) {
		setting_wrong(setting, r->report, "a group, as in { path = "
		    "\"/\"; static = { }; }");
		return;
	}
	for (i = 0; i < length(setting); i++)
		read_route_setting(r, route, element(setting, i));
	read_path(r, route, setting);
	read_handlers(r, route, setting);
}

static void
check_duplicate_routes(struct reader *r, const struct site *site)
{
	size_t i, j;

	for (i = 0; i < site->route_count; i++) {
		const struct route *a = &site->routes[i];

		for (j = 0; j < i && a->path != NULL; j++) {
			const struct route *b = &site->routes[j];

			if (b->path == NULL || a->exact != b->exact ||
			    strcmp(a->path, b->path) != 0)
				continue;
			report_error(r->report, a->setting, "route: found %s "
			    "= \"%s\" twice in this site, first in line %u; "
			    "possible: once, with several handlers in it",
			    a->exact ? "exact" : "path", a->path,
			    config_setting_source_line(b->setting));
			break;
		}
	}
}

static void
read_routes(struct reader *r, struct site *site, const config_setting_t *s)
{
	size_t i, count;

	if (!config_setting_is_list(s) || length(s) == 0) {
		setting_wrong(s, r->report, "a list of at least one route, as "
		    "in ( { path = \"/\"; static = { }; } )");
		return;
	}
	count = length(s);
	site->routes = allocate(r, s, count, sizeof(*site->routes));
	if (site->routes == NULL)
		return;
	site->route_count = count;
	for (i = 0; i < count; i++)
		read_route(r, site, &site->routes[i], element(s, i));
	check_duplicate_routes(r, site);
}

/*
 * Hosts.
 */

static bool
is_host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
	    c == '-' || c == '_';
}

static const char *
host_fault(const char *host)
{
	const char *p = host;

	if (strcmp(host, "*") == 0)
		return "a site without hosts answers any";
	if (strncmp(host, "*.", 2) == 0)
		p += 2;
	if (host[0] == '[') {
		/* An IPv6 address, as the Host field has it. */
		size_t n = strspn(host + 1, "0123456789abcdef:.");

		return n > 0 && strcmp(host + 1 + n, "]") == 0 ? NULL :
		    "\"[2001:db8::1]\", without a port";
	}
	if (*p == '\0' || *p == '.' || strlen(host) > HOST_MAX_BYTES)
		return "a host name of 1 to 253 characters";
	for (; *p != '\0'; p++) {
		if (*p == ':')
			return "the same without a port: ports do not count";
		if (*p == '*')
			return "a \"*\" only as the whole first label, as in "
			    "\"*.example.org\"";
		if (!is_host_char(*p) || (*p == '.' && p[1] == '.'))
			return "letters, digits, \"-\", \"_\" and single "
			    "dots (other letters as xn--...)";
	}
	return NULL;
}

static char *
lower_case(struct reader *r, const char *text)
{
	char *copy = arena_copy(&r->c->arena, text, strlen(text)), *p;

	for (p = copy; p != NULL && *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return copy;
}

static void
add_host(struct reader *r, struct site *site, const config_setting_t *s)
{
	char *host = lower_case(r, config_setting_get_string(s));
	struct host *entry = &r->c->hosts[r->c->host_count];
	const char *fault;
	size_t n;

	if (host == NULL) {
		report_error(r->report, s, "out of memory");
		return;
	}
	n = strlen(host);
	if (n > 1 && host[n - 1] == '.')
		host[n - 1] = '\0';
	fault = host_fault(host);
	if (fault != NULL) {
		setting_wrong(s, r->report, "%s", fault);
		return;
	}
	site->hosts[site->host_count++] = host;
	entry->name = host;
	entry->site = site;
	entry->setting = s;
	r->c->host_count++;
}

static void
read_hosts(struct reader *r, struct site *site, const config_setting_t *s)
{
	long i, count = setting_check_strings(s, r->report);

	if (count == 0)
		setting_wrong(s, r->report, "at least one host; a site that "
		    "answers any host has no such setting");
	if (count <= 0)
		return;
	site->hosts = allocate(r, s, (size_t)count, sizeof(*site->hosts));
	for (i = 0; i < count && site->hosts != NULL; i++)
		add_host(r, site, setting_string_at(s, i));
}

static void
read_site_setting(struct reader *r, struct site *site,
    const config_setting_t *s)
{
	const char *name = config_setting_name(s);
	const char *names[2 + LIMITS_MAX] = { "hosts", "routes" };

	if (limits_know_below_server(name))
		limits_read(s, &site->limits, r->report);
	else if (limits_know(name))
		report_error(r->report, s, "%s: found in a site; possible: at "
		    "the top of the main file, as it is needed before the "
		    "site is known", name);
	else if (strcmp(name, "hosts") == 0)
		read_hosts(r, site, s);
	else if (strcmp(name, "routes") != 0)
		setting_unknown(s, r->report, names,
		    2 + limits_names(names + 2, false),
		    config_setting_is_group(s) ?
		    "and handlers in the groups of routes" : NULL);
}

static void
read_site(struct reader *r, struct site *site, const config_setting_t *setting)
{
	const config_setting_t *routes;
	size_t i;

	site->setting = setting;
	site->limits = r->c->limits;
	if (!config_setting_is_group(setting)) {
		setting_wrong(setting, r->report, "a group, as in { routes = "
		    "( { path = \"/\"; static = { }; } ); }");
		return;
	}
	for (i = 0; i < length(setting); i++)
		read_site_setting(r, site, element(setting, i));
	/* After the site's limits, wherever these stand. */
	routes = config_setting_get_member(setting, "routes");
	if (routes == NULL)
		report_error(r->report, setting, "site: found no routes; "
		    "possible: routes = ( { path = \"/\"; static = { }; } );");
	else
		read_routes(r, site, routes);
}

static int
compare_hosts(const void *a, const void *b)
{
	const struct host *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void
check_hosts(struct reader *r)
{
	struct configuration *c = r->c;
	const struct site *any = NULL;
	size_t i;

	qsort(c->hosts, c->host_count, sizeof(*c->hosts), compare_hosts);
	for (i = 1; i < c->host_count; i++) {
		const struct host *a = &c->hosts[i - 1], *b = &c->hosts[i];

		if (strcmp(a->name, b->name) == 0)
			report_error(r->report, b->setting, "hosts: found "
			    "\"%s\" twice, also at %s:%u; possible: each host "
			    "in one site", b->name,
			    sources_file_of(a->setting),
			    config_setting_source_line(a->setting));
	}
	for (i = 0; i < c->site_count; i++) {
		const struct site *site = &c->sites[i];

		if (config_setting_is_group(site->setting) &&
		    config_setting_get_member(site->setting, "hosts") != NULL)
			continue;
		if (any != NULL)
			report_error(r->report, site->setting, "site: found a "
			    "second site without hosts, after that at %s:%u; "
			    "possible: one, which answers all other hosts",
			    sources_file_of(any->setting),
			    config_setting_source_line(any->setting));
		else
			any = site;
	}
	c->default_site = any != NULL ? any : c->sites;
}

/* All handlers by their index, in the order written. */
static void
index_handlers(struct reader *r)
{
	struct configuration *c = r->c;
	size_t i, j, k, count = 0;

	for (i = 0; i < c->site_count; i++)
		for (j = 0; j < c->sites[i].route_count; j++)
			count += c->sites[i].routes[j].handler_count;
	c->handlers = allocate(r, NULL, count, sizeof(*c->handlers));
	if (c->handlers == NULL)
		return;
	for (i = 0; i < c->site_count; i++) {
		for (j = 0; j < c->sites[i].route_count; j++) {
			struct route *route = &c->sites[i].routes[j];

			for (k = 0; k < route->handler_count; k++) {
				struct handler *h = &route->handlers[k];

				h->index = c->handler_count;
				c->handlers[c->handler_count++] = h;
			}
		}
	}
}

/* The source's list of sites; NULL when it has none, or after reporting. */
static const config_setting_t *
sites_of(struct reader *r, size_t source)
{
	const config_setting_t *s;

	s = config_lookup(&r->c->sources->items[source].tree, "sites");
	if (s == NULL || config_setting_is_list(s))
		return s;
	setting_wrong(s, r->report, "a list of groups, as in ( { routes = ( "
	    "... ); } )");
	return NULL;
}

static size_t
count_hosts(const config_setting_t *sites)
{
	const config_setting_t *hosts;
	size_t i, count = 0;

	for (i = 0; i < length(sites); i++) {
		if (!config_setting_is_group(element(sites, i)))
			continue;
		hosts = config_setting_get_member(element(sites, i), "hosts");
		if (hosts != NULL)
			count += config_setting_is_aggregate(hosts) ?
			    length(hosts) : 1;
	}
	return count;
}

void
site_read_all(struct configuration *c, struct report *report)
{
	struct reader r = { c, report };
	const config_setting_t **lists;
	size_t i, j, sites = 0, hosts = 0;
	unsigned before = report->errors;

	lists = allocate(&r, NULL, c->sources->count, sizeof(*lists));
	for (i = 0; lists != NULL && i < c->sources->count; i++) {
		lists[i] = sites_of(&r, i);
		if (lists[i] != NULL) {
			sites += length(lists[i]);
			hosts += count_hosts(lists[i]);
		}
	}
	c->sites = allocate(&r, NULL, sites, sizeof(*c->sites));
	c->hosts = allocate(&r, NULL, hosts, sizeof(*c->hosts));
	if (lists == NULL || c->sites == NULL || c->hosts == NULL)
		return;
	for (i = 0; i < c->sources->count; i++)
		for (j = 0; lists[i] != NULL && j < length(lists[i]); j++)
			read_site(&r, &c->sites[c->site_count++],
			    element(lists[i], j));
	if (sites == 0 && report->errors == before)
		report_error(report, NULL, "%s: found no sites; possible: "
		    "sites = ( { routes = ( { path = \"/\"; static = { root = "
		    "\"/var/www/html\"; }; } ); } ); here or in conf.d",
		    c->sources->items[0].path);
	check_hosts(&r);
	index_handlers(&r);
}
