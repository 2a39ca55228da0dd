/*
 * Secrets: files such as keys that only a process with privileges may open.
 * They are copied into sealed memfds, which handlers get after the drop.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_SECRETS_H
#define PRONG_PLUGIN_SECRETS_H

#include <stdbool.h>
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
	/* In a plugin check: asks the process with privileges for a secret that
	 * is not among the items. A descriptor, or -1 after a report. NULL:
	 * there is no such process. */
	int (*ask)(void *context, const char *path);
	void *context;
	/* In a generation: handlers of fresh routes get none there. */
	bool skips_fresh;
	bool is_withheld; /* There are none: a secret is -1, without report. */
};

/* Adds a copy and takes over its descriptor. -1 and errno. */
int secrets_add(struct secrets *secrets, const char *path, int fd);

/* The copy of the file at path, -1 when it is not among the secrets. */
int secrets_find(const struct secrets *secrets, const char *path);

/* Copies the file at path, which the setting names, and adds the copy. -1 after
 * reporting. */
int secrets_read(struct secrets *secrets, const char *path,
    const config_setting_t *setting, struct report *report);

/* Opens the secret for one handler, with a file offset of its own. -1 after
 * reporting. */
int secrets_open(struct secrets *secrets, const char *path,
    const config_setting_t *setting, struct report *report);

/* Closes and frees the copies; descriptors of secrets_open stay open. */
void secrets_free(struct secrets *secrets);

#endif
