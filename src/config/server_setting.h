/*
 * The settings of the server itself: one flat table. A new setting is a row in
 * it, a member of struct configuration and an entry in prongd.conf(5). Limits
 * are in limit.h, rules for clients in policy.h.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_SERVER_SETTING_H
#define PRONG_CONFIG_SERVER_SETTING_H

#include <stddef.h>
#include <stdint.h>

#include <libconfig.h>

struct configuration;
struct report;

typedef void read_server_setting(struct configuration *configuration,
    const config_setting_t *setting, struct report *report);

/* The kind of a setting says which member of struct configuration it sets. */
enum server_kind {
	SERVER_OWN,    /* members that the setting's own reader sets */
	SERVER_NAME,   /* const char *: text that is not empty */
	SERVER_PATH,   /* const char *: an absolute path */
	SERVER_COUNT,  /* size_t */
	SERVER_TIME,   /* int64_t, in ms */
	SERVER_CHOICE, /* an enum, whose names are the choices */
	SERVER_SITES   /* none: sites are read after all they inherit */
};

struct server_setting {
	const char *name;
	enum server_kind kind;
	size_t offset;		    /* of the member */
	int64_t minimum, maximum;   /* SERVER_COUNT, SERVER_TIME */
	int64_t value;		    /* the default of a number or a choice */
	const char *text;	    /* the default of a text; NULL: none */
	const char *const *choices; /* by value, then NULL */
	read_server_setting *read;  /* SERVER_OWN */
	/* Begins the snapshot's line with the setting's number for the master;
	 * NULL: the master does not need the setting. */
	const char *keyword;
};

/* The row with that index; NULL after the last row. */
const struct server_setting *server_setting_at(size_t index);

/* The value of a count, a time or a choice. */
int64_t server_setting_number(const struct server_setting *row,
    const struct configuration *configuration);

/* Sets the defaults of all settings but listen, whose default addresses are in
 * configuration_default_listens. */
void server_setting_defaults(struct configuration *configuration);

/* Reads one setting of the main file, of any name; the setting sites is only
 * accepted, as site_read_all reads it. Errors are reported. */
void server_setting_read(struct configuration *configuration,
    const config_setting_t *setting, struct report *report);

#endif
