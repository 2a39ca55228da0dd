/*
 * What the fuzz targets share. A target is one function that takes any octets
 * and asserts what must hold whatever they are; libFuzzer calls it, or the main
 * of replay.c with one seed after the other.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_FUZZ_H
#define PRONG_FUZZ_H

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The name is libFuzzer's. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes the first octet off the input: a choice of the target's, '0' when
 * nothing is left. Seeds have digits and letters there, to be legible. */
static inline uint8_t
fuzz_choice(const uint8_t **data, size_t *size)
{
	if (*size == 0)
		return '0';
	(*size)--;
	return *(*data)++;
}

/* Memory of that very size, so that the address sanitizer sees a step beyond.
 * It is the caller's to free. */
static inline void *
fuzz_room(size_t size)
{
	void *room = malloc(size);

	assert(room || size == 0);
	return room;
}

static inline void *
fuzz_copy(const void *data, size_t size)
{
	void *copy = fuzz_room(size);

	if (size > 0)
		memcpy(copy, data, size);
	return copy;
}

/* The same with a NUL behind. */
static inline char *
fuzz_text(const void *data, size_t size)
{
	char *copy = fuzz_room(size + 1);

	if (size > 0)
		memcpy(copy, data, size);
	copy[size] = '\0';
	return copy;
}

/* Cuts octets into pieces, by a choice: '0' not at all, '1' one by one, all
 * others into lengths that repeat for the same choice. */
struct fuzz_pieces {
	uint8_t choice;
	uint32_t state;
};

static inline struct fuzz_pieces
fuzz_pieces(uint8_t choice)
{
	return (struct fuzz_pieces){ choice, choice * 2654435761u | 1 };
}

/* The length of the next piece of what remains. */
static inline size_t
fuzz_piece(struct fuzz_pieces *pieces, size_t remaining)
{
	size_t length;

	if (pieces->choice == '0' || remaining == 0)
		return remaining;
	if (pieces->choice == '1')
		return 1;
	pieces->state = pieces->state * 1664525u + 1013904223u;
	/* Mostly short ones, so that lines are cut. */
	length = (pieces->state >> 28) == 0 ? (pieces->state >> 16) % 512 + 1 :
					      (pieces->state >> 16) % 24 + 1;
	return length < remaining ? length : remaining;
}

#endif
