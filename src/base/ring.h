/*
 * A ring of log records in memory that two processes share: one writes, another
 * reads. The writer may be hostile. So the reader keeps its own position where
 * the writer cannot write, takes a private copy first, and checks every length
 * in it. The contents are for the reader to check.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_RING_H
#define PRONG_BASE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The head of the ring; the octets of the records are behind it. */
struct ring {
	uint64_t written; /* octets in all; set by the writer alone */
	uint64_t reserved[7];
	unsigned char octets[];
};

/* A place in the process that uses it; size is that of octets. */
struct ring_place {
	struct ring *ring;
	size_t size;
};

struct ring_record {
	unsigned kind, level; /* at most 255 */
	const char *text;
	size_t length;
};

/* What a record takes in the ring beyond its text. */
#define RING_RECORD_BYTES 8

/* Ring damaged: the writer's position is none. */
#define RING_DAMAGED SIZE_MAX

/* Appends a record; a reader that has read so far will see it whole. False: it
 * does not fit now. Async-signal-safe. */
bool ring_put(const struct ring_place *place, uint64_t read,
    const struct ring_record *record);

/* Whether a record with a text of that length would be taken whole by
 * ring_put_some. */
bool ring_takes_all(const struct ring_place *place, uint64_t read,
    size_t length);

/*
 * Appends a record whose text is so many octets and, behind these, records of
 * another ring. When less than three quarters of the ring are free, it takes at
 * most a part of what is free, and few records: who leaves much at one time must
 * not take the room of others. Returns the octets of the records that it has
 * taken, 0 for none.
 */
size_t ring_put_some(const struct ring_place *place, uint64_t read,
    const struct ring_record *record, size_t before);

/* The octets that are written and not read; RING_DAMAGED. */
size_t ring_pending(const struct ring_place *place, uint64_t read);

/* Copies the octets that are not read, at most the size of the ring, to copy.
 * Returns their number, or RING_DAMAGED. */
size_t ring_copy(const struct ring_place *place, uint64_t read, char *copy);

/* Takes the next record off a copy. False: none is left, or what is left is no
 * record, which can also be a damaged one. The text points into the copy. */
bool ring_next(const char **at, size_t *left, struct ring_record *record);

#endif
