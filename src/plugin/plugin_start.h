/*
 * Plugin start: makes a parsed configuration ready to serve. The plugins are
 * loaded, their options filled, and the handlers opened: in a generation, for
 * --once, and as a test in the plugin check (plugin_check.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_PLUGIN_START_H
#define PRONG_PLUGIN_PLUGIN_START_H

struct configuration;
struct plugin_set;
struct report;
struct route;
struct secrets;

/* Which handlers are opened, and what for. */
enum plugin_purpose {
	PLUGIN_TEST,	   /* all, as a test */
	PLUGIN_SERVE,	   /* all */
	PLUGIN_SERVE_USUAL /* All but those of fresh routes, which get no
			    * secrets either: they are opened elsewhere. */
};

/* Runs code of plugins, so privileges must have been dropped. A stage that
 * fails still goes through all handlers, so that every error is reported. -1
 * after reporting. */
int plugin_start(struct configuration *configuration,
    const struct plugin_set *plugins, struct secrets *secrets,
    enum plugin_purpose purpose, struct report *report);

/* The stages before that: loads the plugins and fills the options. */
int plugin_start_load(struct configuration *configuration,
    const struct plugin_set *plugins, struct secrets *secrets,
    enum plugin_purpose purpose, struct report *report);

/* The same for one route alone: the handlers of all others have no plugin. */
int plugin_start_route(struct configuration *configuration,
    const struct route *route, const struct plugin_set *plugins,
    struct secrets *secrets, struct report *report);

/* The last stage alone: calls the function open of every handler that has a
 * plugin, in the order of the configuration. -1 after reporting. */
int plugin_start_open(struct configuration *configuration,
    enum plugin_purpose purpose, struct report *report);

#endif
