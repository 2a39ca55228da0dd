/*
 * Memory of a request: handed out in order, never given back one by one, all
 * freed at once when the request ends. The first block is the caller's and is
 * used again for every request, so that most of them never call malloc and a
 * fresh process touches few pages.
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
	char *at, *end;		    /* what is free in the newest block */
	struct arena_block *blocks; /* further ones, the newest first */
};

/* The block must be aligned for any type and outlive the arena. */
void arena_init(struct arena *arena, void *block, size_t size);

/* Zeroed memory aligned for any type; NULL when there is none. */
void *arena_alloc(struct arena *arena, size_t size);

/* The same, neither zeroed nor aligned: for text. */
char *arena_alloc_text(struct arena *arena, size_t size);

/* Makes text of old_size octets larger, in its place when nothing was handed
 * out since; NULL, and nothing changed, when there is no memory. */
char *arena_grow_text(struct arena *arena, char *text, size_t old_size,
    size_t new_size);

/* A copy of length octets with a NUL behind; NULL when there is no memory. */
char *arena_copy(struct arena *arena, const void *data, size_t length);

/* Ends the life of all that was handed out. */
void arena_reset(struct arena *arena);

#endif
