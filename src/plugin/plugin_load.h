/*
 * Loading of plugins: maps their copies by libltdl and checks their
 * descriptors. Of a plugin's code only the constructors run here.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_PLUGIN_LOAD_H
#define PRONG_PLUGIN_PLUGIN_LOAD_H

struct configuration;
struct plugin_set;
struct report;

/* Maps and checks all plugins, and fills in handler->plugin. -1 after
 * reporting. The file descriptors of the set must stay open until all plugins
 * are loaded. */
int plugin_load_all(const struct plugin_set *set,
    struct configuration *configuration, struct report *report);

/* The same for the plugins of the set; other handlers have none. */
int plugin_load(const struct plugin_set *set,
    struct configuration *configuration, struct report *report);

#endif
