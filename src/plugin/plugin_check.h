/*
 * Plugin check: everything that runs code of plugins before they serve is done
 * once in a process that is thrown away, without privileges. There plugins are
 * loaded, their options filled, and they are opened as a test. The check also
 * finds which settings are secrets, and the caller opens these while it still
 * may.
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
 * the plugins there. A crash, an exit, or a stay of more than the setting
 * open_timeout is reported with the handler's name and what it was doing.
 * Reads the secrets: a path is opened only if that very text stands as a value
 * in the configuration. 0, or -1 after reporting. Must be called while no
 * signal handler reaps children.
 */
int plugin_check(struct configuration *configuration,
    const struct plugin_set *plugins, struct secrets *secrets,
    struct report *report);

/* Everything that "prongd -t" checks once the configuration is parsed: the
 * user, the control group, and the plugins that can be read. 0, or -1 after
 * reporting. */
int plugin_check_all(struct configuration *configuration,
    struct report *report);

#endif
