/*
 * An entry of the setting listen: an address, or the name of sockets that the
 * service manager passes.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_LISTEN_SETTING_H
#define PRONG_CONFIG_LISTEN_SETTING_H

#include <stdbool.h>

#include <libconfig.h>

#include "base/address.h"

struct listen_setting {
	struct address address; /* length 0: a name */
	const char *name;	/* NULL: an address */
	const char *text;
	const config_setting_t *setting; /* NULL: a default */
};

/* Parses an entry; the text must outlive *listen. False for a wrong text: *why
 * is then a constant text with the possible ones. */
bool listen_setting_parse(const char *text, struct listen_setting *listen,
    const char **why);

#endif
