/*
 * Declarations that only the files of the configuration share:
 *
 *	configuration.c		the configuration as a whole
 *	configuration_listen.c	the addresses and names to listen at
 *	configuration_log.c	the logs, and the ids of requests
 *	server_setting.c	the other settings of the server itself
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_INTERNAL_H
#define PRONG_CONFIG_INTERNAL_H

#include <libconfig.h>

struct configuration;
struct report;

/* Reads the setting listen; sets the default addresses when it is absent. */
void configuration_read_listen(struct configuration *c,
    const config_setting_t *s, struct report *report);
void configuration_default_listens(struct configuration *c,
    struct report *report);

/* Reads status_listen; adds it to the addresses, once these are known. */
void configuration_read_status_listen(struct configuration *c,
    const config_setting_t *s, struct report *report);
void configuration_add_status_listen(struct configuration *c,
    struct report *report);

void configuration_read_error_log(struct configuration *c,
    const config_setting_t *s, struct report *report);
void configuration_read_access_log(struct configuration *c,
    const config_setting_t *s, struct report *report);
void configuration_read_access_log_format(struct configuration *c,
    const config_setting_t *s, struct report *report);
void configuration_read_request_id_field(struct configuration *c,
    const config_setting_t *s, struct report *report);

#endif
