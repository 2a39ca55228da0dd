/*
 * Typed options: reads a group of the configuration by a handler's table
 * (struct prong_option) into the handler's own structure. All unknown settings,
 * wrong types, values out of range and missing required settings are reported.
 * A faulty table is reported before it is used.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_OPTION_H
#define PRONG_PLUGIN_OPTION_H

#include <stddef.h>
#include <stdint.h>

#include <libconfig.h>

struct arena;
struct configuration;
struct prong_option;
struct report;
struct secrets;

#define OPTIONS_MAX		256 /* in one table */
#define OPTION_DEPTH_MAX	8   /* of nested groups */
#define OPTION_CONFIG_MAX_BYTES ((uint64_t)16 << 20)

/* A plugin's table of options, and the structure that it fills. */
struct option_table {
	const struct prong_option *options; /* NULL: none */
	size_t stride;	      /* size of an option in the plugin */
	uint64_t config_size; /* size of the handler's structure */
};

/* Checks the table itself: names, types, sizes, defaults. A fault is reported
 * as one of the plugin, at the line of the group. -1 after reporting. */
int option_check(const struct option_table *table, const char *plugin,
    const config_setting_t *group, struct report *report);

/* Fills config (config_size octets, all zero) from the group, by a table that
 * was checked. Memory comes from the arena. -1 after reporting. */
int option_fill(const config_setting_t *group, const struct option_table *table,
    void *config, struct arena *arena, struct secrets *secrets,
    struct report *report);

/* Checks the tables and fills the options of all handlers whose plugins are
 * loaded. -1 after reporting. */
int option_fill_all(struct configuration *configuration,
    struct secrets *secrets, struct report *report);

#endif
