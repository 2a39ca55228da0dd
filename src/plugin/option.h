/*
 * Typed options: reads a group of the configuration by a handler's table
 * (struct prong_option) into the handler's own structure. Unknown settings,
 * wrong types, values out of range and missing required ones are reported, all
 * of them; and so is a table that contradicts itself, before it is used.
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
#define OPTION_DEPTH_MAX	8   /* of groups in groups */
#define OPTION_CONFIG_MAX_BYTES ((uint64_t)16 << 20)

/* The owner of a table, and the settings that are read by it. */
struct option_table {
	const struct prong_option *options; /* NULL: none */
	size_t stride;	      /* the plugin's sizeof of an option */
	uint64_t config_size; /* of the structure they fill */
};

/* Checks the table itself: names, types, sizes, defaults. A fault is the
 * plugin's fault and reported as such, at the group. -1 after reporting. */
int option_check(const struct option_table *table, const char *plugin,
    const config_setting_t *group, struct report *report);

/* Fills config, zeroed memory of config_size, from the group by a table that
 * was checked. Memory comes from the arena. -1 after reporting. */
int option_fill(const config_setting_t *group, const struct option_table *table,
    void *config, struct arena *arena, struct secrets *secrets,
    struct report *report);

/* The same for all handlers of the configuration, whose plugins are loaded. */
int option_fill_all(struct configuration *configuration,
    struct secrets *secrets, struct report *report);

#endif
