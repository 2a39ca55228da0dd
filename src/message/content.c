/*
 * The queue of content. See content.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "message/content.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <prong/handler.h>

#include "base/arena.h"
#include "base/log.h"

/* Many responses have less content. */
#define FIRST_CAPACITY 1024

void
content_init(struct content *content, struct arena *arena)
{
	*content = (struct content){ .arena = arena };
	content->end = &content->first;
}

static int
make_room(struct content *content, size_t length)
{
	size_t capacity = content->capacity;
	char *memory;

	if (length <= capacity - content->used)
		return 0;
	if (capacity == 0)
		capacity = FIRST_CAPACITY;
	while (capacity - content->used < length)
		capacity *= 2;
	if (capacity > CONTENT_MEMORY_MAX)
		capacity = CONTENT_MEMORY_MAX;
	memory = arena_grow_text(content->arena, content->memory,
	    content->capacity, capacity);
	if (!memory)
		return -1;
	content->memory = memory;
	content->capacity = capacity;
	return 0;
}

static struct piece *
add_piece(struct content *content)
{
	struct piece *piece = content->spare;

	if (piece)
		content->spare = piece->next;
	else
		piece = arena_alloc(content->arena, sizeof(*piece));
	if (!piece)
		return NULL;
	*piece = (struct piece){ .fd = -1 };
	*content->end = piece;
	content->end = &piece->next;
	content->last = piece;
	return piece;
}

/* Makes the next length octets of memory content. */
static int
add_used(struct content *content, size_t length)
{
	struct piece *piece = content->last;

	if (length == 0)
		return 0;
	if (!piece || piece->fd >= 0 || piece->constant) {
		piece = add_piece(content);
		if (!piece)
			return -1;
		piece->offset = content->used;
	}
	piece->length += length;
	content->used += length;
	content->length += length;
	return 0;
}

int
content_add(struct content *content, const void *data, size_t length)
{
	if (length == 0)
		return 0;
	if (make_room(content, length) < 0)
		return -1;
	memcpy(content->memory + content->used, data, length);
	return add_used(content, length);
}

int
content_add_format(struct content *content, size_t *length, const char *format,
    va_list ap)
{
	size_t room;
	va_list again;
	int n;

	if (content_room(content) == 0) {
		*length = SIZE_MAX;
		return 1;
	}
	if (make_room(content, 1) < 0)
		return -1;
	room = content->capacity - content->used;
	va_copy(again, ap);
	n = vsnprintf(content->memory + content->used, room, format, again);
	va_end(again);
	if (n < 0)
		return -1;
	*length = (size_t)n;
	/* vsnprintf needs one octet more, for NUL. */
	if (*length >= content_room(content))
		return 1;
	if (*length >= room) {
		if (make_room(content, *length + 1) < 0)
			return -1;
		vsnprintf(content->memory + content->used, *length + 1, format,
		    ap);
	}
	return add_used(content, *length);
}

int
content_add_constant(struct content *content, const char *data, size_t length)
{
	struct piece *piece = length == 0 ? NULL : add_piece(content);

	if (!piece)
		return length == 0 ? 0 : -1;
	piece->constant = data;
	piece->length = length;
	content->length += length;
	return 0;
}

static void
close_file(int fd)
{
	int result = close(fd);

	log_debug("close(%d) = %d", fd, result);
}

int
content_add_file(struct content *content, int fd, uint64_t offset,
    uint64_t length)
{
	struct piece *piece;

	piece = length == 0 ? NULL : add_piece(content);
	if (!piece) {
		close_file(fd);
		return length == 0 ? 0 : -1;
	}
	piece->fd = fd;
	piece->offset = offset;
	piece->length = length;
	content->length += length;
	return 0;
}

/* A piece is one of the content, or NULL. */
static int
lend(struct content *content, struct prong_loan *loan, struct piece *piece,
    uint64_t length)
{
	if (!piece) {
		loan->release(loan);
		return length == 0 ? 0 : -1;
	}
	piece->loan = loan;
	piece->length = length;
	content->length += length;
	return 0;
}

int
content_lend(struct content *content, struct prong_loan *loan, const char *data,
    size_t length)
{
	struct piece *piece = length == 0 ? NULL : add_piece(content);

	if (piece)
		piece->constant = data;
	return lend(content, loan, piece, length);
}

int
content_lend_file(struct content *content, struct prong_loan *loan, int fd,
    uint64_t offset, uint64_t length)
{
	struct piece *piece = length == 0 ? NULL : add_piece(content);

	if (piece) {
		piece->fd = fd;
		piece->offset = offset;
	}
	return lend(content, loan, piece, length);
}

bool
content_has_file(const struct content *content)
{
	const struct piece *piece = content->first;

	while (piece && piece->fd < 0)
		piece = piece->next;
	return piece;
}

uint64_t
content_overlap(uint64_t position, uint64_t length, uint64_t first,
    uint64_t end, uint64_t *skip)
{
	uint64_t from = position > first ? position : first;
	uint64_t to = position + length < end ? position + length : end;

	if (from >= to)
		return 0;
	*skip = from - position;
	return to - from;
}

void
content_clear(struct content *content)
{
	struct piece *piece;

	for (piece = content->first; piece; piece = piece->next)
		if (piece->loan)
			piece->loan->release(piece->loan);
		else if (piece->fd >= 0)
			close_file(piece->fd);
	*content->end = content->spare;
	content->spare = content->first;
	content->first = NULL;
	content->end = &content->first;
	content->last = NULL;
	content->used = 0;
	content->length = 0;
}
