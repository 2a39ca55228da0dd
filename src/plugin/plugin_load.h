/*
 * Loading of plugins: maps their copies by libltdl and checks what they say of
 * themselves. Constructors of a plugin run here, and nothing else of it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_PLUGIN_LOAD_H
#define PRONG_PLUGIN_PLUGIN_LOAD_H

struct configuration;
struct plugin_set;
struct report;

/* Maps and checks them all, and fills in handler->plugin. -1 after reporting.
 * The descriptors of the set must stay open until all are loaded. */
int plugin_load_all(const struct plugin_set *set,
    struct configuration *configuration, struct report *report);

#endif
