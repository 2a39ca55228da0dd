/*
 * Linked handlers: those that a static prongd has in it, by libtool's -dlpreopen.
 * It loads no shared objects. Another prongd has none, and loads all.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_PLUGIN_LINKED_H
#define PRONG_PLUGIN_PLUGIN_LINKED_H

#include <stdbool.h>
#include <stddef.h>

#include "config/setting.h"

#define PLUGIN_LINKED_MAX 32

struct plugin_linked {
	char text[PLUGIN_LINKED_MAX][SETTING_NAME_MAX_CHARS + 1];
	const char *names[PLUGIN_LINKED_MAX]; /* of text */
	size_t count;
};

/* Whether this is a static prongd. */
bool plugin_linked_any(void);

/* The names of all. */
void plugin_linked_list(struct plugin_linked *list);

bool plugin_linked_has(const char *name);

/* Tells libltdl of them, before lt_dlinit. */
void plugin_linked_open(void);

#endif
