/*
 * A plugin in a route's chain, with its own configuration. The plugin's own
 * table says how its group is read (plugin/option.h).
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
	const char *name; /* the group's name, and the plugin's */
	const config_setting_t *group;
	const struct prong_handler *plugin; /* set by plugin_load_all */
	void *config;			    /* set by option_fill_all */
	size_t index;			    /* counts over the configuration */
	const struct route *route;
};

#endif
