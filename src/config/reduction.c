/* SPDX-License-Identifier: ISC */
#include "config/reduction.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <libconfig.h>

#include "config/route.h"
#include "config/site_route.h"
#include "config/sources.h"

/* The place of a route: the index of its site, and its own; -1: no place. */
struct place {
	int site, route;
};

static struct place
place_of(const struct route *route)
{
	const config_setting_t *routes;

	if (!route)
		return (struct place){ -1, -1 };
	routes = config_setting_parent(route->setting);
	return (struct place){
		config_setting_index(config_setting_parent(routes)),
		config_setting_index(route->setting),
	};
}

static void
empty(config_setting_t *handler)
{
	while (config_setting_length(handler) > 0)
		config_setting_remove_elem(handler, 0);
}

static void
empty_handlers(config_setting_t *group)
{
	int i;

	for (i = 0; i < config_setting_length(group); i++) {
		config_setting_t *s = config_setting_get_elem(group,
		    (unsigned)i);

		if (site_is_handler(s))
			empty(s);
	}
}

static void
reduce_route(config_setting_t *route)
{
	config_setting_t *list = config_setting_get_member(route, "handlers");
	int i;

	empty_handlers(route);
	for (i = 0; list && i < config_setting_length(list); i++)
		empty_handlers(config_setting_get_elem(list, (unsigned)i));
}

static void
reduce_site(config_setting_t *site, int kept)
{
	config_setting_t *routes = config_setting_get_member(site, "routes");
	int i;

	for (i = 0; routes && i < config_setting_length(routes); i++)
		if (i != kept)
			reduce_route(config_setting_get_elem(routes,
			    (unsigned)i));
}

static void
reduce(config_t *tree, struct place kept)
{
	config_setting_t *sites = config_lookup(tree, "sites");
	int i;

	for (i = 0; sites && i < config_setting_length(sites); i++)
		reduce_site(config_setting_get_elem(sites, (unsigned)i),
		    i == kept.site ? kept.route : -1);
}

int
reduction_has(const struct source *source, const struct route *route)
{
	const config_setting_t *s = route->setting;

	while (!config_setting_is_root(s))
		s = config_setting_parent(s);
	return s == config_root_setting(&source->tree);
}

char *
reduction_text(const struct source *source, const struct route *route,
    size_t *length)
{
	char *text = NULL;
	config_t tree;
	FILE *out;

	config_init(&tree);
	out = open_memstream(&text, length);
	if (out && config_read_string(&tree, source->text)) {
		reduce(&tree, place_of(route));
		config_write(&tree, out);
	}
	config_destroy(&tree);
	if (out && fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
