/*
 * The content of a response that waits to be sent: pieces of memory and ranges
 * of files, in order. Memory is copied in, descriptors are taken over.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_CONTENT_H
#define PRONG_MESSAGE_CONTENT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/*
 * What is kept in memory before it must be sent. A response that fits is sent
 * with its length, and can have its ranges and conditions.
 */
#define CONTENT_MEMORY_MAX 65536

struct piece {
	struct piece *next;
	int fd;		      /* -1: memory */
	const char *constant; /* borrowed; NULL: it is copied */
	uint64_t offset;      /* in the file or in the memory */
	uint64_t length;
};

struct content {
	struct arena *arena;
	struct piece *first, **end;
	struct piece *last;
	struct piece *spare; /* used before */
	char *memory;
	size_t used, capacity;
	uint64_t length; /* of all pieces together */
};

void content_init(struct content *content, struct arena *arena);

/* Octets of memory that still fit. */
static inline size_t
content_room(const struct content *content)
{
	return CONTENT_MEMORY_MAX - content->used;
}

/* All of these: -1 when there is no memory. length is at most content_room. */
int content_add(struct content *content, const void *data, size_t length);
/* 1, and nothing added, when the text is longer than content_room; *length is
 * that of the text. */
int content_add_format(struct content *content, size_t *length,
    const char *format, va_list ap)
    __attribute__((__format__(__printf__, 3, 0)));
/* Memory that stays as it is, of any length. */
int content_add_constant(struct content *content, const char *data,
    size_t length);
/* The descriptor is closed in any case. */
int content_add_file(struct content *content, int fd, uint64_t offset,
    uint64_t length);

/* Forgets all pieces and closes their files. */
void content_clear(struct content *content);

#endif
