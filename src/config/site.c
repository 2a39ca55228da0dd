/*
 * Sites and their hosts. See site.h; routes are read in site_route.c.
 *
 * SPDX-License-Identifier: ISC
 */
#include "config/site.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "config/configuration.h"
#include "config/handler.h"
#include "config/host_index.h"
#include "config/report.h"
#include "config/route.h"
#include "config/setting.h"
#include "config/site_route.h"
#include "config/sources.h"

#define HOST_MAX_BYTES 253 /* of a name, RFC 1035 2.3.4 */

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
		/* An IPv6 address in brackets, as in a Host field. */
		size_t n = strspn(host + 1, "0123456789abcdef:.");

		return n > 0 && strcmp(host + 1 + n, "]") == 0 ?
		    NULL :
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
lower_case(struct site_reader *r, const char *text)
{
	char *copy = arena_copy(&r->c->arena, text, strlen(text)), *p;

	for (p = copy; p && *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return copy;
}

static void
add_host(struct site_reader *r, struct site *site, const config_setting_t *s)
{
	char *host = lower_case(r, config_setting_get_string(s));
	struct host *entry = &r->c->hosts[r->c->host_count];
	const char *fault;
	size_t n;

	if (!host) {
		report_error(r->report, s, "out of memory");
		return;
	}
	n = strlen(host);
	if (n > 1 && host[n - 1] == '.')
		host[n - 1] = '\0';
	fault = host_fault(host);
	if (fault) {
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
read_hosts(struct site_reader *r, struct site *site, const config_setting_t *s)
{
	long i, count = setting_check_strings(s, r->report);

	if (count == 0)
		setting_wrong(s, r->report,
		    "at least one host; a site that "
		    "answers any host has no such setting");
	if (count <= 0)
		return;
	site->hosts = setting_alloc(&r->c->arena, s,
	    (size_t)count * sizeof(*site->hosts), r->report);
	for (i = 0; i < count && site->hosts; i++)
		add_host(r, site, setting_string_at(s, i));
}

static void
read_site_setting(struct site_reader *r, struct site *site,
    const config_setting_t *s)
{
	const char *name = config_setting_name(s);
	const char *names[2 + POLICY_NAMES + LIMITS_MAX] = { "hosts",
		"routes" };
	size_t count = 2;

	if (site_read_inherited(r, s, "site", &site->limits, &site->policy))
		return;
	if (strcmp(name, "hosts") == 0)
		read_hosts(r, site, s);
	else if (strcmp(name, "routes") != 0) {
		count += policy_names(names + count);
		count += limits_names(names + count, false);
		setting_unknown(s, r->report, names, count,
		    config_setting_is_group(s) ?
			"and handlers in the groups of routes" :
			NULL);
	}
}

static void
read_site(struct site_reader *r, struct site *site,
    const config_setting_t *setting)
{
	const config_setting_t *routes;
	size_t i;

	site->setting = setting;
	site->limits = r->c->limits;
	site->policy = r->c->policy;
	if (!config_setting_is_group(setting)) {
		setting_wrong(setting, r->report,
		    "a group, as in { routes = "
		    "( { path = \"/\"; static = { }; } ); }");
		return;
	}
	for (i = 0; i < site_length(setting); i++)
		read_site_setting(r, site, site_element(setting, i));
	/* Routes are read after all settings that they inherit. */
	routes = config_setting_get_member(setting, "routes");
	if (!routes)
		report_error(r->report, setting,
		    "site: found no routes; "
		    "possible: routes = ( { path = \"/\"; static = { }; } );");
	else
		site_read_routes(r, site, routes);
}

static int
compare_hosts(const void *a, const void *b)
{
	const struct host *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void
check_hosts(struct site_reader *r)
{
	struct configuration *c = r->c;
	const struct site *any = NULL;
	size_t i;

	qsort(c->hosts, c->host_count, sizeof(*c->hosts), compare_hosts);
	for (i = 1; i < c->host_count; i++) {
		const struct host *a = &c->hosts[i - 1], *b = &c->hosts[i];

		if (strcmp(a->name, b->name) == 0)
			report_error(r->report, b->setting,
			    "hosts: found "
			    "\"%s\" twice, also at %s:%u; possible: each host "
			    "in one site",
			    b->name, report_file_of(a->setting),
			    config_setting_source_line(a->setting));
	}
	for (i = 0; i < c->site_count; i++) {
		const struct site *site = &c->sites[i];

		if (config_setting_is_group(site->setting) &&
		    config_setting_get_member(site->setting, "hosts"))
			continue;
		if (any)
			report_error(r->report, site->setting,
			    "site: found a "
			    "second site without hosts, after that at %s:%u; "
			    "possible: one, which answers all other hosts",
			    report_file_of(any->setting),
			    config_setting_source_line(any->setting));
		else
			any = site;
	}
	c->default_site = any ? any : c->sites;
	if (host_index_make(&c->host_index, &c->arena, c->hosts,
		c->host_count) < 0)
		report_error(r->report, NULL, "out of memory");
}

/* Collects all handlers by their index, in the order of the configuration. */
static void
index_handlers(struct site_reader *r)
{
	struct configuration *c = r->c;
	size_t i, j, k, count = 0;

	for (i = 0; i < c->site_count; i++)
		for (j = 0; j < c->sites[i].route_count; j++)
			count += c->sites[i].routes[j].handler_count;
	c->handlers = setting_alloc(&r->c->arena, NULL,
	    count * sizeof(*c->handlers), r->report);
	if (!c->handlers)
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

/* The list of sites of a source; NULL when the source has no sites, or after
 * reporting. */
static const config_setting_t *
sites_of(struct site_reader *r, size_t source)
{
	const config_setting_t *s;

	s = config_lookup(&r->c->sources->items[source].tree, "sites");
	if (!s || config_setting_is_list(s))
		return s;
	setting_wrong(s, r->report,
	    "a list of groups, as in ( { routes = ( "
	    "... ); } )");
	return NULL;
}

static size_t
count_hosts(const config_setting_t *sites)
{
	const config_setting_t *site, *hosts;
	size_t i, count = 0;

	for (i = 0; i < site_length(sites); i++) {
		site = site_element(sites, i);
		if (!config_setting_is_group(site))
			continue;
		hosts = config_setting_get_member(site, "hosts");
		if (hosts)
			count += config_setting_is_aggregate(hosts) ?
			    site_length(hosts) :
			    1;
	}
	return count;
}

void
site_read_all(struct configuration *c, struct report *report)
{
	struct site_reader r = { c, report };
	const config_setting_t **lists;
	size_t i, j, sites = 0, hosts = 0;
	unsigned before = report->errors;

	lists = setting_alloc(&c->arena, NULL,
	    c->sources->count * sizeof(*lists), report);
	for (i = 0; lists && i < c->sources->count; i++) {
		lists[i] = sites_of(&r, i);
		if (lists[i]) {
			sites += site_length(lists[i]);
			hosts += count_hosts(lists[i]);
		}
	}
	c->sites = setting_alloc(&c->arena, NULL, sites * sizeof(*c->sites),
	    report);
	c->hosts = setting_alloc(&c->arena, NULL, hosts * sizeof(*c->hosts),
	    report);
	if (!lists || !c->sites || !c->hosts)
		return;
	for (i = 0; i < c->sources->count; i++)
		for (j = 0; lists[i] && j < site_length(lists[i]); j++)
			read_site(&r, &c->sites[c->site_count++],
			    site_element(lists[i], j));
	if (sites == 0 && report->errors == before)
		report_error(report, NULL,
		    "%s: found no sites; possible: "
		    "sites = ( { routes = ( { path = \"/\"; static = { root = "
		    "\"/var/www/html\"; }; } ); } ); here or in conf.d",
		    c->sources->items[0].path);
	check_hosts(&r);
	index_handlers(&r);
}

const char *
site_place(const struct route *route, char text[SITE_PLACE_BYTES])
{
	const struct site *site = route->site;

	snprintf(text, SITE_PLACE_BYTES, "%.120s%.120s",
	    site->host_count > 0 ? site->hosts[0] : "any host", route->path);
	return text;
}
