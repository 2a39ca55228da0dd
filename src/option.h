/*
 * Typed options: reads a group of the configuration by a handler's table
 * (struct prong_option) into the handler's own structure. Unknown settings,
 * wrong types, values out of range and missing required ones are reported, all
 * of them.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_OPTION_H
#define PRONG_OPTION_H

#include <stddef.h>
#include <stdint.h>

#include <libconfig.h>

struct configuration;
struct prong_option;
struct report;
struct secrets;

/* Parses "10", "64 KiB", "1 GiB", "2 MB"; "10 s", "500 ms", "5 min", "1 h",
 * "1 d". -1 when text is none, *why then says what is possible. */
int option_parse_size(const char *text, int64_t *bytes, const char **why);
int option_parse_time(const char *text, int64_t *ms, const char **why);

/* Fills config from the group, its settings checked by the table; stride is
 * the plugin's sizeof(struct prong_option). Memory hangs on the configuration
 * and lives as long as the process. Returns 0, or -1 after reporting. */
int option_fill(const config_setting_t *group,
    const struct prong_option *options, size_t stride, void *config,
    size_t config_size, const struct secrets *secrets, struct report *report);

/* The same for all handlers of the configuration, whose plugins are loaded. */
int option_fill_all(struct configuration *configuration,
    const struct secrets *secrets, struct report *report);

#endif
