/*
 * The sources of a configuration: its main file and the files of conf.d in the
 * same folder, read once. Their texts are kept in sealed memfds, so that a
 * generation executed later has the same texts, even if the files have changed.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_SOURCES_H
#define PRONG_CONFIG_SOURCES_H

#include <stdbool.h>
#include <stddef.h>

#include <libconfig.h>

struct report;

/* Limits above all configurations written by hand. A descriptor is kept for
 * each file. */
#define SOURCE_MAX_BYTES ((size_t)4 << 20)
#define SOURCES_MAX	 512
#define PAGE_MAX_BYTES	 ((size_t)1 << 20)

struct source {
	char *path; /* as shown in messages */
	int fd;	    /* sealed memfd, close-on-exec */
	char *text; /* NUL-terminated */
	size_t length;
	bool parsed; /* tree is valid */
	config_t tree;
};

struct sources {
	struct source *items; /* [0] is the main file */
	size_t count;
	struct source *pages; /* files that settings name */
	size_t page_count;
	bool is_handed_over; /* no file is read any more */
};

/* Reads the main file and the files *.conf of the folder conf.d in the same
 * folder, in the order of strcmp. NULL after reporting. */
struct sources *sources_read(const char *path, struct report *report);

/* Makes one source of a text; messages call it path. NULL after reporting. */
struct sources *sources_from_text(const char *path, const char *text,
    struct report *report);

/* Adds the text of a memfd that a generation received. Takes the descriptor
 * over. -1 and errno. */
int sources_add_descriptor(struct sources *sources, const char *path, int fd);
struct sources *sources_new(void);
void sources_free(struct sources *sources);

/* The text of a file that a setting names. The config loader reads the file
 * once; a generation gets the copy. *length does not count the NUL at the end.
 * NULL and errno: EFBIG above PAGE_MAX_BYTES. */
const char *sources_page(struct sources *sources, const char *path,
    size_t *length);

/* Like sources_add_descriptor, for the copy of such a file. */
int sources_add_page(struct sources *sources, const char *path, int fd);

/* Parses all texts; afterwards no source is added. -1 after reporting. */
int sources_parse(struct sources *sources, struct report *report);

/* The first setting with that value; NULL: none. */
const config_setting_t *sources_find_string(const struct sources *sources,
    const char *value);

#endif
