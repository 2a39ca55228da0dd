/*
 * Media types by the extension of a file's name: from the system's mime.types,
 * with a small table beneath it for what that does not know, and the
 * configuration's own above.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef TYPES_H
#define TYPES_H

#include <stddef.h>
#include <stdint.h>

struct prong_opening;

/* A type of the configuration's own. */
struct types_extra {
	const char *extension; /* "foo" or ".foo" */
	const char *type;
};

struct types_entry {
	const char *extension; /* lower case */
	const char *type;      /* with charset, as it is sent */
	int rank;	       /* the higher one wins */
};

struct types {
	struct types_entry *entries; /* sorted by extension */
	size_t count;
	const char *fallback;
};

/* Where types come from. */
struct types_sources {
	const char *mime_types; /* path; NULL: none */
	const struct types_extra *extras;
	uint64_t extra_count;
	const char *fallback;
	const char *charset; /* for types of text; "": none */
};

/* Fills the table. 0, or -1 and errno: of reading the file, or ENOMEM. A file
 * that is absent is an error too. Memory lives as long as the generation. */
int types_fill(struct types *types, const struct types_sources *sources,
    struct prong_opening *opening);

/* The type for a file's name or path. Never NULL. */
const char *types_find(const struct types *types, const char *name);

#endif
