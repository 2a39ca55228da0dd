/*
 * Plugin set: the plugins that a configuration needs, as sealed copies in
 * memory. A plugin is copied only when nobody else than the administrator could
 * have put it there. Maps and runs nothing of it (plugin_load.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_PLUGIN_SET_H
#define PRONG_PLUGIN_PLUGIN_SET_H

#include <stddef.h>

struct configuration;
struct report;

struct plugin_copy {
	char *name;
	char *path; /* where it was read from */
	int fd;	    /* sealed memfd, close-on-exec; -1: none, and that was
		       reported */
};

struct plugin_set {
	struct plugin_copy *copies;
	size_t count;
};

/* An empty one, to be freed by plugin_set_free. NULL and errno. */
struct plugin_set *plugin_set_new(void);

/* Closes the copies, too. NULL is allowed. */
void plugin_set_free(struct plugin_set *set);

/* Takes over a descriptor, as a generation receives it. -1 and errno. */
int plugin_set_add(struct plugin_set *set, const char *name, const char *path,
    int fd);

/* The copy of the plugin with that name, NULL when there is none. */
const struct plugin_copy *plugin_set_find(const struct plugin_set *set,
    const char *name);

/* Reads the plugin of every handler named in the configuration. NULL after
 * reporting each that cannot be had. */
struct plugin_set *plugin_set_read(const struct configuration *configuration,
    struct report *report);

/* The same, with all that could be had when some could not: a check goes on
 * with these. NULL only without memory. */
struct plugin_set *plugin_set_read_most(
    const struct configuration *configuration, struct report *report);

#endif
