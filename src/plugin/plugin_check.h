/*
 * Plugin check: a process without privileges loads all plugins once, fills
 * their options, opens the handlers as a test, and ends. So code of plugins has
 * run before a generation serves with them. The check also finds the settings
 * that are secrets, and the caller reads these while it has privileges.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_PLUGIN_CHECK_H
#define PRONG_PLUGIN_PLUGIN_CHECK_H

#include <stdint.h>

#include "plugin/secrets.h"

struct configuration;
struct plugin_set;
struct report;

/*
 * Forks, drops privileges to the configuration's user in the child, and starts
 * the plugins there. When the child crashes, exits, or takes longer than the
 * setting open_timeout, the report names the handler and the step. Reads the
 * secrets: a path is opened only if the same text is a value in the
 * configuration. 0, or -1 after reporting. Must be called while no signal
 * handler reaps children.
 */
int plugin_check(struct configuration *configuration,
    const struct plugin_set *plugins, struct secrets *secrets,
    struct report *report);

/* The checks of "prongd -t" after the configuration is parsed: the user, the
 * control group, and the plugins that can be read, where the user is wrong as
 * another one. 0, or -1 after reporting. */
int plugin_check_all(struct configuration *configuration,
    struct report *report);

#endif
