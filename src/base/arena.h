/*
 * Memory of a request: allocated in order, never freed one by one, all freed at
 * once when the request ends. The first block belongs to the caller and is used
 * again for every request, so that most requests never call malloc and a fresh
 * process touches few pages.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_ARENA_H
#define PRONG_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	char *first; /* the caller's block */
	size_t first_size;
	char *at, *end;		    /* free memory of the newest block */
	struct arena_block *blocks; /* further blocks, the newest first */
};

/* The block must be aligned for any type and outlive the arena. */
void arena_init(struct arena *arena, void *block, size_t size);

/* Zeroed memory aligned for any type; NULL when there is no memory. */
void *arena_alloc(struct arena *arena, size_t size);

/* Memory for text, neither zeroed nor aligned; NULL when there is no memory. */
char *arena_alloc_text(struct arena *arena, size_t size);

/* Makes text of old_size octets larger; it stays in its place when no memory
 * was allocated since. NULL, and nothing changed, when there is no memory. */
char *arena_grow_text(struct arena *arena, char *text, size_t old_size,
    size_t new_size);

/* A copy of length octets, with a NUL after them; NULL when there is no
 * memory. */
char *arena_copy(struct arena *arena, const void *data, size_t length);

/* Frees all memory that was allocated. */
void arena_reset(struct arena *arena);

#endif
