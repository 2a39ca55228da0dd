/*
 * The queue of content that is not sent yet: pieces of memory and ranges of
 * files, in order. The queue copies memory and takes over descriptors, or has either
 * on loan (struct prong_loan).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_CONTENT_H
#define PRONG_MESSAGE_CONTENT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct prong_loan;

/*
 * Octets of copied memory before content must be sent. A response that fits is
 * sent with its length, and ranges and preconditions work for it.
 */
#define CONTENT_MEMORY_MAX 65536

struct piece {
	struct piece *next;
	int fd;			 /* -1: memory */
	const char *constant;	 /* borrowed; NULL: copied memory */
	struct prong_loan *loan; /* of either; NULL: none */
	uint64_t offset;	 /* in the file or in the memory */
	uint64_t length;
};

struct content {
	struct arena *arena;
	struct piece *first, **end;
	struct piece *last;
	struct piece *spare; /* to be used again */
	char *memory;
	size_t used, capacity;
	uint64_t length; /* of all pieces together */
};

void content_init(struct content *content, struct arena *arena);

/* Octets of copied memory that still fit. */
static inline size_t
content_room(const struct content *content)
{
	return CONTENT_MEMORY_MAX - content->used;
}

/* These functions return 0, or -1 when there is no memory. */

/* Copies length octets, at most content_room. */
int content_add(struct content *content, const void *data, size_t length);

/* Adds text and sets its *length. 1, and nothing added: the text does not fit
 * in content_room; *length may then be SIZE_MAX. */
int content_add_format(struct content *content, size_t *length,
    const char *format, va_list ap)
    __attribute__((__format__(__printf__, 3, 0)));

/* Adds memory of any length, which must stay unchanged. */
int content_add_constant(struct content *content, const char *data,
    size_t length);

/* Takes over fd, on failure, too. */
int content_add_file(struct content *content, int fd, uint64_t offset,
    uint64_t length);

/* The same with what a handler lends, which gets it back on failure, too. */
int content_lend(struct content *content, struct prong_loan *loan,
    const char *data, size_t length);
int content_lend_file(struct content *content, struct prong_loan *loan, int fd,
    uint64_t offset, uint64_t length);

/* Whether a piece is a range of a file. */
bool content_has_file(const struct content *content);

/* Octets of [position, position + length) in [first, end); they begin *skip
 * octets behind position. No sum may pass INT64_MAX. */
uint64_t content_overlap(uint64_t position, uint64_t length, uint64_t first,
    uint64_t end, uint64_t *skip);

/* Removes all pieces, closes their files and gives back what is lent. */
void content_clear(struct content *content);

#endif
