/*
 * Plugin descriptor: checks that this release can use the symbol prong_handler
 * of a plugin. A member is read only after the members that vouch for it, and
 * no function of the plugin is called.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_PLUGIN_DESCRIPTOR_H
#define PRONG_PLUGIN_PLUGIN_DESCRIPTOR_H

#include <stdbool.h>

struct handler;
struct prong_handler;
struct report;

/* path: the file of the plugin. handler: the first that needs the plugin. False
 * after reporting the first fault. */
bool plugin_descriptor_check(const struct prong_handler *descriptor,
    const char *path, const struct handler *handler, struct report *report);

#endif
