/*
 * Reading the sites, their routes and the routes' handlers.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SITE_H
#define PRONG_SITE_H

#include <stddef.h>

#include <libconfig.h>

struct configuration;
struct prefix;
struct report;

/* Reads the settings "sites" of all sources, whose server settings have been
 * read. Everything wrong is reported. */
void site_read_all(struct configuration *configuration,
    struct report *report);

/* Reads a list of addresses and networks; used for the server's too. */
void site_read_prefixes(struct configuration *configuration,
    const config_setting_t *setting, struct prefix **prefixes, size_t *count,
    struct report *report);

#endif
