/*
 * Plugin set: the plugins that a configuration needs, as sealed copies in
 * memory. A plugin is copied only when no user but the administrator can have
 * put it there. No plugin is mapped or run here (plugin_load.h does that).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_PLUGIN_SET_H
#define PRONG_PLUGIN_PLUGIN_SET_H

#include <stdbool.h>
#include <stddef.h>

struct configuration;
struct report;

struct plugin_copy {
	char *name;
	char *path; /* of the file that was copied */
	int fd;	    /* sealed memfd, close-on-exec; -1: none, after a report */
	bool maps_file; /* and not the copy: for debuggers, which look for the
			 * name of what is mapped */
};

struct plugin_set {
	struct plugin_copy *copies;
	size_t count;
};

/* Makes an empty set. NULL and errno. */
struct plugin_set *plugin_set_new(void);

/* Closes the copies, too. NULL is allowed. */
void plugin_set_free(struct plugin_set *set);

/* Adds a copy and takes over its descriptor. -1 and errno. */
int plugin_set_add(struct plugin_set *set, const char *name, const char *path,
    int fd);

/* From now on the files are mapped, for prongd --once. */
void plugin_set_map_files(struct plugin_set *set);

/* The copy of the plugin with that name, NULL when there is none. */
const struct plugin_copy *plugin_set_find(const struct plugin_set *set,
    const char *name);

/* Reads the plugin of every handler in the configuration. NULL after reporting
 * each plugin that cannot be read. */
struct plugin_set *plugin_set_read(const struct configuration *configuration,
    struct report *report);

/* The same, but plugins that cannot be read are reported and get the descriptor
 * -1, so that a check goes on with the others. NULL when memory ran out. */
struct plugin_set *plugin_set_read_most(
    const struct configuration *configuration, struct report *report);

#endif
