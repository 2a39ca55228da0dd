/*
 * Media types by the extension of a file's name. Types of the configuration
 * come first, then those of the system's mime.types, then those of a small
 * built-in table.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef TYPES_H
#define TYPES_H

#include <stddef.h>
#include <stdint.h>

struct prong_opening;

/* A type in the configuration. */
struct types_extra {
	const char *extension; /* "foo" or ".foo" */
	const char *type;
};

struct types_entry {
	const char *extension; /* lower case */
	const char *type;      /* with charset, as it is sent */
	int rank;	       /* the higher one wins */
};

/* Entries sorted by extension, each of which stands once. */
struct types_list {
	struct types_entry *entries;
	size_t count;
};

struct types {
	struct types_list own; /* of the configuration */
	const struct types_list
	    *table; /* shared: of mime.types, and built in */
	const char *fallback;
};

/* The sources of the table. */
struct types_sources {
	const char *mime_types; /* path; NULL: none */
	const struct types_extra *extras;
	uint64_t extra_count;
	const char *fallback;
	const char *charset; /* for types of text; "": none */
};

/*
 * Fills types. 0, or -1 and errno: ENOMEM, or an error of reading the file, also
 * when it is absent. The memory lives as long as the generation. A table with
 * the same file and charset is read once, and all routes share it.
 */
int types_fill(struct types *types, const struct types_sources *sources,
    struct prong_opening *opening);

/* The type for the name or path of a file. Never NULL. */
const char *types_find(const struct types *types, const char *name);

#endif
