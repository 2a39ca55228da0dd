/*
 * Memory of a request. See arena.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The least size of the blocks after the first one. */
#define BLOCK_MIN_BYTES 16384

/* A limit above all real memory, so that no sum of sizes can overflow. */
#define BLOCK_MAX_BYTES ((size_t)1 << 38)

struct arena_block {
	struct arena_block *next;
	alignas(max_align_t) char data[];
};

void
arena_init(struct arena *arena, void *block, size_t size)
{
	arena->first = block;
	arena->first_size = size;
	arena->at = block;
	arena->end = arena->first + size;
	arena->blocks = NULL;
}

/* The free rest of the block in use stays unused until arena_reset. */
static int
add_block(struct arena *arena, size_t size)
{
	struct arena_block *block;

	if (size < BLOCK_MIN_BYTES)
		size = BLOCK_MIN_BYTES;
	if (size > BLOCK_MAX_BYTES)
		return -1;
	block = malloc(sizeof(*block) + size);
	if (!block)
		return -1;
	block->next = arena->blocks;
	arena->blocks = block;
	arena->at = block->data;
	arena->end = block->data + size;
	return 0;
}

char *
arena_alloc_text(struct arena *arena, size_t size)
{
	char *memory;

	if (size > (size_t)(arena->end - arena->at) &&
	    add_block(arena, size) < 0)
		return NULL;
	memory = arena->at;
	arena->at += size;
	return memory;
}

char *
arena_grow_text(struct arena *arena, char *text, size_t old_size,
    size_t new_size)
{
	char *larger;

	if (text && text + old_size == arena->at &&
	    new_size - old_size <= (size_t)(arena->end - arena->at)) {
		arena->at += new_size - old_size;
		return text;
	}
	larger = arena_alloc_text(arena, new_size);
	if (larger && text)
		memcpy(larger, text, old_size);
	return larger;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	size_t padding = -(uintptr_t)arena->at & (alignof(max_align_t) - 1);
	char *memory;

	if (padding > (size_t)(arena->end - arena->at) ||
	    size > (size_t)(arena->end - arena->at) - padding) {
		if (add_block(arena, size) < 0)
			return NULL;
		padding = 0;
	}
	memory = arena->at + padding;
	arena->at = memory + size;
	return memset(memory, 0, size);
}

char *
arena_copy(struct arena *arena, const void *data, size_t length)
{
	char *copy;

	if (length == SIZE_MAX)
		return NULL;
	copy = arena_alloc_text(arena, length + 1);
	if (!copy)
		return NULL;
	if (length > 0)
		memcpy(copy, data, length);
	copy[length] = '\0';
	return copy;
}

void
arena_reset(struct arena *arena)
{
	struct arena_block *block, *next;

	for (block = arena->blocks; block; block = next) {
		next = block->next;
		free(block);
	}
	arena_init(arena, arena->first, arena->first_size);
}
