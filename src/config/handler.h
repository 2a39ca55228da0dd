/*
 * A handler: a plugin in a route's list of handlers, with its configuration.
 * The plugin's table of options says how the group is read (plugin/option.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_HANDLER_H
#define PRONG_CONFIG_HANDLER_H

#include <stddef.h>

#include <libconfig.h>

struct prong_handler;
struct route;

struct handler {
	const char *name; /* of the group and of the plugin */
	const config_setting_t *group;
	const struct prong_handler *plugin; /* set by plugin_load_all */
	void *config;			    /* set by option_fill_all */
	size_t index;			    /* in the whole configuration */
	const struct route *route;
};

#endif
