/*
 * The sources of a configuration: its file and those of conf.d beside it, read
 * once. Their texts are kept in sealed memfds, so that a generation executed
 * later starts from what was read and not from what the disk holds then.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_SOURCES_H
#define PRONG_CONFIG_SOURCES_H

#include <stdbool.h>
#include <stddef.h>

#include <libconfig.h>

struct report;

/* More than anybody writes by hand: a descriptor is kept for each file. */
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
	bool is_handed_over; /* nothing is read any more */
};

/* Reads path and the *.conf of the folder conf.d beside it, in the order of
 * strcoll in the C locale. NULL after reporting why. */
struct sources *sources_read(const char *path, struct report *report);

/* One source with that text, under that name. */
struct sources *sources_from_text(const char *path, const char *text,
    struct report *report);

/*
 * The configuration of "prongd DIR": the folder at /, its file .flag at /flag
 * (static shows no dot files), and /status for this machine, at
 * 127.0.0.1:8080. NULL after reporting why, as when there is no such folder.
 * plugin_folder may be NULL.
 */
struct sources *sources_for_folder(const char *folder,
    const char *plugin_folder, struct report *report);

/* Adds what a memfd holds, as a generation receives it. Takes the descriptor
 * over. -1 and errno. */
int sources_add_descriptor(struct sources *sources, const char *path, int fd);
struct sources *sources_new(void);
void sources_free(struct sources *sources);

/* What a file holds that a setting names: read at the first time, handed over
 * and never read again after that. *length is without the NUL behind it. NULL
 * and errno: EFBIG above PAGE_MAX_BYTES. */
const char *sources_page(struct sources *sources, const char *path,
    size_t *length);

/* As sources_add_descriptor, for such a file. */
int sources_add_page(struct sources *sources, const char *path, int fd);

/* Parses every text, once nothing is added any more. -1 after reporting. */
int sources_parse(struct sources *sources, struct report *report);

#endif
