/*
 * The sources of a configuration: its file and those of conf.d beside it, read
 * once. Their texts are kept in sealed memfds, so that a generation executed
 * later starts from what was read and not from what the disk holds then.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SOURCES_H
#define PRONG_SOURCES_H

#include <stddef.h>

#include <libconfig.h>

struct report;

struct source {
	char *path;			/* as shown in messages */
	int fd;				/* sealed memfd, close-on-exec */
	char *text;			/* NUL-terminated */
	config_t tree;			/* valid once parsed */
};

struct sources {
	struct source *items;		/* [0] is the main file */
	size_t count;
};

/* Reads path and the *.conf of the folder conf.d beside it, in the order of
 * strcoll in the C locale. NULL after reporting why. */
struct sources *sources_read(const char *path, struct report *report);

/* One source with that text, under that name. */
struct sources *sources_from_text(const char *path, const char *text,
    struct report *report);

/* Adds what a memfd holds, as a generation receives it. Takes the descriptor
 * over. -1 and errno. */
int sources_add_descriptor(struct sources *sources, const char *path, int fd);
struct sources *sources_new(void);
void sources_free(struct sources *sources);

/* The file that a setting stands in. */
const char *sources_file_of(const config_setting_t *setting);

#endif
