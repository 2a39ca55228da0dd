/*
 * Plugin descriptor: whether the symbol prong_handler of a plugin is a
 * descriptor that this release can use. Reads it member by member, in the order
 * in which each can be trusted, and calls nothing of it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_PLUGIN_DESCRIPTOR_H
#define PRONG_PLUGIN_PLUGIN_DESCRIPTOR_H

#include <stdbool.h>

struct handler;
struct prong_handler;
struct report;

/* path is where the plugin was read from, handler the first that needs it.
 * False after reporting what is wrong first. */
bool plugin_descriptor_check(const struct prong_handler *descriptor,
    const char *path, const struct handler *handler, struct report *report);

#endif
