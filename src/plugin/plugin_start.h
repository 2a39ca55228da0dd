/*
 * Plugin start: makes a parsed configuration ready to serve. The plugins are
 * loaded, their options filled, and the handlers opened: in a generation, for
 * --once, and as a test in the plugin check (plugin_check.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_PLUGIN_START_H
#define PRONG_PLUGIN_PLUGIN_START_H

#include <stdbool.h>

struct configuration;
struct plugin_set;
struct report;
struct secrets;

/* Runs code of plugins, so privileges must have been dropped. A stage that
 * fails still goes through all handlers, so that every error is reported. -1
 * after reporting. */
int plugin_start(struct configuration *configuration,
    const struct plugin_set *plugins, struct secrets *secrets, bool is_test,
    struct report *report);

/* The last stage alone: calls the function open of every handler, in the order
 * of the configuration. -1 after reporting. */
int plugin_start_open(struct configuration *configuration, bool is_test,
    struct report *report);

#endif
