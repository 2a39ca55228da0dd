/*
 * Plugins: finds a handler's shared object, checks that nobody else could have
 * put it there, copies it into a sealed memfd, and maps it from there by
 * libltdl. The only file that includes ltdl.h. Nothing is ever closed again.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_PLUGIN_H
#define PRONG_PLUGIN_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>

struct configuration;
struct report;

/* The copies of the shared objects that a configuration needs. */
struct plugin_copy {
	char *name;
	char *path; /* where it was read from */
	int fd;	    /* sealed memfd, close-on-exec; -1:
					   none, and that was reported */
};

struct plugin_set {
	struct plugin_copy *copies;
	size_t count;
};

/* Reads the plugin of every handler named in the configuration. NULL after
 * reporting each that cannot be had. */
struct plugin_set *plugin_set_read(const struct configuration *configuration,
    struct report *report);

/* The same, with all that could be had when some could not: a check goes on
 * with these. NULL only without memory. */
struct plugin_set *plugin_set_read_most(
    const struct configuration *configuration, struct report *report);

struct plugin_set *plugin_set_new(void);
/* Takes over a descriptor, as a generation receives it. -1 and errno. */
int plugin_set_add(struct plugin_set *set, const char *name, const char *path,
    int fd);
void plugin_set_free(struct plugin_set *set);

/* Maps and checks them all, and fills in handler->plugin. -1 after reporting.
 * Descriptors must stay open until all are loaded. */
int plugin_load_all(const struct plugin_set *set,
    struct configuration *configuration, struct report *report);

#endif
