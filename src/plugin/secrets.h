/*
 * Secrets: files that only the process with privileges may open, such as keys.
 * They are copied into sealed memfds, for handlers to be handed after the drop.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_SECRETS_H
#define PRONG_PLUGIN_SECRETS_H

#include <stddef.h>

#include <libconfig.h>

struct report;

#define SECRET_MAX_BYTES ((size_t)1 << 20)

struct secret {
	char *path;
	int fd; /* sealed memfd, close-on-exec */
};

struct secrets {
	struct secret *items;
	size_t count;
	/* In a plugin check: asks the process that has privileges to open a
	 * secret that is not among them. A descriptor, or -1 after a report.
	 * NULL: there is no such process. */
	int (*ask)(void *context, const char *path);
	void *context;
};

/* The copy of a path's file, -1 when it is not among them. */
int secrets_find(const struct secrets *secrets, const char *path);

/* Copies the file that the setting names and adds it. -1 after reporting. */
int secrets_read(struct secrets *secrets, const char *path,
    const config_setting_t *setting, struct report *report);

/* A descriptor of the secret for one handler, with an offset of its own. -1
 * after reporting. */
int secrets_open(struct secrets *secrets, const char *path,
    const config_setting_t *setting, struct report *report);

/* Closes and forgets them; what was handed out by secrets_open stays. */
void secrets_free(struct secrets *secrets);

#endif
