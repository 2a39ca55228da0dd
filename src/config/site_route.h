/*
 * Routes of a site: functions that site.c and site_route.c share.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_SITE_ROUTE_H
#define PRONG_CONFIG_SITE_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include <libconfig.h>

struct configuration;
struct limits;
struct policy;
struct report;
struct site;

struct site_reader {
	struct configuration *c;
	struct report *report;
};

/* Reads a setting of limits or of the policy; where is "site" or "route". False
 * for any other setting. */
bool site_read_inherited(struct site_reader *r, const config_setting_t *setting,
    const char *where, struct limits *limits, struct policy *policy);

/* Whether an element of a route, or of an element of its list "handlers", is a
 * handler. */
bool site_is_handler(const config_setting_t *setting);

/* Reads the list of routes of a site, after the site's limits. */
void site_read_routes(struct site_reader *r, struct site *site,
    const config_setting_t *setting);

/* libconfig counts in int and indexes by unsigned. */
static inline const config_setting_t *
site_element(const config_setting_t *setting, size_t i)
{
	return config_setting_get_elem(setting, (unsigned)i);
}

static inline size_t
site_length(const config_setting_t *setting)
{
	return (size_t)config_setting_length(setting);
}

#endif
