/*
 * What the parts of the configuration share, for them alone:
 *
 *	configuration.c		puts it together, and answers for it
 *	configuration_listen.c	the addresses and names to listen at
 *	configuration_server.c	the other settings of the server itself
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_INTERNAL_H
#define PRONG_CONFIG_INTERNAL_H

#include <libconfig.h>

struct configuration;
struct report;

/* The setting listen; and what holds when it is not there. */
void configuration_read_listen(struct configuration *c,
    const config_setting_t *s, struct report *report);
void configuration_default_listens(struct configuration *c,
    struct report *report);

/* What holds when no setting is there. */
void configuration_set_defaults(struct configuration *c);

/* One setting of the main file, whatever its name, but for what sites holds. */
void configuration_read_setting(struct configuration *c,
    const config_setting_t *s, struct report *report);

#endif
