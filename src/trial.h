/*
 * The trial: everything that runs code of plugins before they serve is done once
 * in a process that is thrown away, without privileges. There plugins are bound
 * at once (so that the linker's own words can be told), loaded, their options
 * filled, and opened as a test. It also finds which settings are secrets, for
 * the caller to open while it still may.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_TRIAL_H
#define PRONG_TRIAL_H

#include <stddef.h>
#include <stdint.h>

struct configuration;
struct plugin_set;
struct report;

/* Files named by secret options, open for reading. */
struct secret {
	char *path;
	int fd;				/* close-on-exec */
};

struct secrets {
	struct secret *items;
	size_t count;
};

/* The descriptor for a path, -1 when it is not among them. */
int secrets_find(const struct secrets *secrets, const char *path);

/*
 * Forks, drops privileges to the configuration's user in the child, and tries.
 * A crash or a stay of more than timeout_ms is reported with the handler's name
 * and what it was doing. Opens the secrets (a path is opened only if that very
 * text stands as a value in the configuration). 0, or -1 after reporting.
 */
int trial_run(struct configuration *configuration,
    const struct plugin_set *plugins, int64_t timeout_ms,
    struct secrets *secrets, struct report *report);

#endif
