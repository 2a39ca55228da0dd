/*
 * A handler: a plugin in a route's list of handlers, with its configuration.
 * The plugin's table of options says how the group is read (plugin/option.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_HANDLER_H
#define PRONG_CONFIG_HANDLER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <libconfig.h>

#include <prong/handler.h>

struct route;

struct handler {
	const char *name; /* of the group and of the plugin */
	const config_setting_t *group;
	const struct prong_handler *plugin; /* set by plugin_load_all */
	void *config;			    /* set by option_fill_all */
	const char *missing; /* a folder that an option names, and without
				which its route answers 503; NULL: none */
	/* A descriptor that its function open has left open, in this process, and
	 * of which file it was; 0: none. */
	int held;
	dev_t held_dev;
	ino_t held_ino;
	size_t index; /* in the whole configuration */
	const struct route *route;
};

/* What a plugin promises (PRONG_SHARES_PROCESS ...); 0 for one that was built before
 * there were promises: its descriptor is shorter. */
static inline uint64_t
handler_promises(const struct prong_handler *plugin)
{
	return plugin->abi_minor == 0 ? 0 : plugin->promises;
}

#endif
