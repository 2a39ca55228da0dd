/*
 * The head of an answer as text.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_RESPONSE_HEAD_H
#define PRONG_MESSAGE_RESPONSE_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct range;
struct response;

/* Makes response->head_text, in its arena. content_length counts for
 * FRAMING_LENGTH. -1 when there is no memory. */
int responsehead_make(struct response *response, int64_t now,
    uint64_t content_length);

/* What a handler that names no type is taken to have written. */
#define RESPONSEHEAD_DEFAULT_TYPE	     "text/plain; charset=utf-8"

#define RESPONSEHEAD_PART_BYTES(type_length) ((type_length) + 160)

/* Writes what stands before a part of multipart/byteranges and returns its
 * length, as snprintf. part NULL: what stands behind the last one. */
size_t responsehead_write_part(const struct response *response,
    const char *type, const struct range *part, char *out, size_t size);

#endif
