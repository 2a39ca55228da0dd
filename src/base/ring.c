/*
 * A record is its length in 32 bits, its kind, its level and two zeros, then
 * its text. Records follow each other without gaps, and go on at the beginning
 * of the ring when they reach its end.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/ring.h"

#include <string.h>

/* Of ring_put_some. */
#define FREE_PARTS  64
#define FEW_RECORDS 16

/* Both bound what they touch by size, whatever position is. */
static void
copy_in(const struct ring_place *p, uint64_t position, const void *data,
    size_t length)
{
	size_t at = (size_t)(position % p->size);
	size_t first = length < p->size - at ? length : p->size - at;

	memcpy(p->ring->octets + at, data, first);
	memcpy(p->ring->octets, (const char *)data + first, length - first);
}

static void
copy_out(const struct ring_place *p, uint64_t position, char *data,
    size_t length)
{
	size_t at = (size_t)(position % p->size);
	size_t first = length < p->size - at ? length : p->size - at;

	memcpy(data, p->ring->octets + at, first);
	memcpy(data + first, p->ring->octets, length - first);
}

bool
ring_put(const struct ring_place *p, uint64_t read, const struct ring_record *r)
{
	uint64_t written = __atomic_load_n(&p->ring->written, __ATOMIC_RELAXED);
	size_t pending = (size_t)(written - read);
	uint32_t length = (uint32_t)r->length;
	unsigned char head[RING_RECORD_BYTES] = { 0 };

	if (pending > p->size || r->length > p->size ||
	    p->size - pending < r->length + sizeof(head))
		return false;
	memcpy(head, &length, sizeof(length));
	head[4] = (unsigned char)r->kind;
	head[5] = (unsigned char)r->level;
	copy_in(p, written, head, sizeof(head));
	copy_in(p, written + sizeof(head), r->text, r->length);
	__atomic_store_n(&p->ring->written, written + sizeof(head) + r->length,
	    __ATOMIC_RELEASE);
	return true;
}

size_t
ring_pending(const struct ring_place *p, uint64_t read)
{
	uint64_t pending =
	    __atomic_load_n(&p->ring->written, __ATOMIC_ACQUIRE) - read;

	return pending <= p->size ? (size_t)pending : RING_DAMAGED;
}

size_t
ring_copy(const struct ring_place *p, uint64_t read, char *copy)
{
	size_t pending = ring_pending(p, read);

	if (pending != RING_DAMAGED)
		copy_out(p, read, copy, pending);
	return pending;
}

bool
ring_next(const char **at, size_t *left, struct ring_record *r)
{
	const unsigned char *head = (const unsigned char *)*at;
	uint32_t length;

	if (*left < RING_RECORD_BYTES)
		return false;
	memcpy(&length, head, sizeof(length));
	if (length > *left - RING_RECORD_BYTES)
		return false;
	*r = (struct ring_record){ head[4], head[5], *at + RING_RECORD_BYTES,
		length };
	*at += RING_RECORD_BYTES + length;
	*left -= RING_RECORD_BYTES + length;
	return true;
}

/* The octets of the first whole records in a copy: at most so many. */
static size_t
first_records(const char *copy, size_t length, size_t most)
{
	const char *at = copy;
	size_t left = length, kept = 0;
	struct ring_record record;
	int i;

	for (i = 0; i < FEW_RECORDS && ring_next(&at, &left, &record); i++) {
		if ((size_t)(at - copy) > most)
			break;
		kept = (size_t)(at - copy);
	}
	return kept;
}

static size_t
room_of(const struct ring_place *p, uint64_t read)
{
	const size_t pending = ring_pending(p, read);

	return pending == RING_DAMAGED ? 0 : p->size - pending;
}

bool
ring_takes_all(const struct ring_place *p, uint64_t read, size_t length)
{
	const size_t room = room_of(p, read);

	return room >= p->size / 4 * 3 && room >= length + RING_RECORD_BYTES;
}

size_t
ring_put_some(const struct ring_place *p, uint64_t read,
    const struct ring_record *r, size_t before)
{
	const size_t room = room_of(p, read);
	struct ring_record some = *r;
	size_t n = r->length - before;

	if (room < p->size / 4 * 3)
		n = first_records(r->text + before, n, room / FREE_PARTS);
	some.length = before + n;
	return n > 0 && ring_put(p, read, &some) ? n : 0;
}
