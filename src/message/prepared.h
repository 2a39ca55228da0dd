/*
 * Fields of a response that a handler sends again and again: made once, as they are
 * set and as they are sent, in a block that the handler keeps. A response has them
 * from the block until something changes one of them.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_PREPARED_H
#define PRONG_MESSAGE_PREPARED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct response;
struct response_field;

/* What a block begins with. Places are counted from its first octet, so that it can
 * be copied. */
struct prepared {
	uint32_t size; /* of the block */
	uint32_t etag; /* with its quotes */
	uint32_t
	    list; /* names and values, each with a NUL; an empty name ends it */
	uint32_t text; /* the lines of a complete representation, no NUL */
	uint32_t text_length;
	bool has_last_modified;
	int64_t last_modified;
};

/* Makes a block of the fields and validators of a response, for which nothing else
 * is set but content. Its size; 0: it does not fit, or the response is none for
 * which a block is of use. */
size_t prepared_make(const struct response *response, void *memory,
    size_t size);

/* The first value of that name, or NULL. */
const char *prepared_value(const struct prepared *prepared, const char *name);

/* Whether a response that has a block is sent with the lines of it. */
bool prepared_is_sent(const struct response *response);

/* The fields in the block, before those that follow. Without memory some are lost. */
struct response_field *prepared_fields(const struct prepared *prepared,
    struct arena *arena, struct response_field *after);

#endif
