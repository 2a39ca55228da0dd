/*
 * The choice of site and route for a request. See route.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "config/route.h"

#include <stdbool.h>
#include <string.h>

#include "config/configuration.h"
#include "config/host_index.h"
#include "config/site.h"

/* The longest name that can match, with room for "*" before it. */
#define HOST_MAX_BYTES 255

/* Removes port and final dot; an IPv6 address keeps its brackets. */
static struct slice
strip_port(struct slice host)
{
	const char *end;

	if (host.len > 0 && host.data[0] == '[') {
		end = memchr(host.data, ']', host.len);
		if (end)
			host.len = (size_t)(end + 1 - host.data);
		return host;
	}
	end = host.len > 0 ? memchr(host.data, ':', host.len) : NULL;
	if (end)
		host.len = (size_t)(end - host.data);
	if (host.len > 1 && host.data[host.len - 1] == '.')
		host.len--;
	return host;
}

static const struct site *
find_host(const struct configuration *c, const char *name)
{
	const struct host *host = host_index_find(&c->host_index, name);

	return host ? host->site : NULL;
}

const struct site *
route_find_named(const struct configuration *c, struct slice host)
{
	char name[HOST_MAX_BYTES + 1], *dot;
	const struct site *site;
	size_t i;

	host = strip_port(host);
	if (host.len == 0 || host.len >= sizeof(name) || c->host_count == 0)
		return NULL;
	for (i = 0; i < host.len; i++) {
		char letter = host.data[i];

		if (letter == '\0' || letter == '*')
			return NULL;
		name[i] = letter >= 'A' && letter <= 'Z' ?
		    (char)(letter - 'A' + 'a') :
		    letter;
	}
	name[host.len] = '\0';
	site = find_host(c, name);
	/* The patterns for "a.b.c" are "*.b.c", then "*.c". A star stands for
	 * one label at least. */
	for (dot = strchr(name + 1, '.'); !site && dot;
	     dot = strchr(dot + 1, '.')) {
		dot[-1] = '*';
		site = find_host(c, dot - 1);
	}
	return site;
}

const struct site *
route_find_site(const struct configuration *c, struct slice host)
{
	const struct site *site = route_find_named(c, host);

	return site ? site : c->default_site;
}

/* Whether the route's path equals the path or its first segments. */
static bool
is_prefix(const struct route *route, const char *path, size_t length)
{
	if (route->path_length > length ||
	    memcmp(route->path, path, route->path_length) != 0)
		return false;
	return route->path_length == length || route->path_length == 1 ||
	    path[route->path_length] == '/';
}

const struct route *
route_find_in(const struct site *site, const char *path, size_t path_length)
{
	const struct route *best = NULL;
	size_t i;

	for (i = 0; i < site->route_count; i++) {
		const struct route *route = &site->routes[i];

		if (!is_prefix(route, path, path_length))
			continue;
		if (route->exact) {
			if (route->path_length == path_length)
				return route;
		} else if (!best || route->path_length > best->path_length) {
			best = route;
		}
	}
	return best;
}
