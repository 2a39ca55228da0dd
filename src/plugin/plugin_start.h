/*
 * From a parsed configuration to one that can serve: the plugins are loaded,
 * their options filled, and they are opened. For the generation, --once, and
 * (as a test) the trial.
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

/* Runs code of plugins: privileges have been dropped. A stage that fails still
 * goes through all handlers, so that every error is reported. -1 after
 * reporting. */
int plugin_start(struct configuration *configuration,
    const struct plugin_set *plugins, struct secrets *secrets, bool is_test,
    struct report *report);

#endif
