/*
 * Reading the sites, their routes and the routes' handlers.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_SITE_H
#define PRONG_CONFIG_SITE_H

#include <stddef.h>

#include <libconfig.h>

struct configuration;
struct report;

/* Reads the settings "sites" of all sources, whose server settings have been
 * read. Everything wrong is reported. */
void site_read_all(struct configuration *configuration, struct report *report);

#endif
