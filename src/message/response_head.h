/*
 * Makes the head of a response as text, and the heads of the parts of
 * multipart/byteranges. Sends nothing.
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

enum response_framing {
	FRAMING_NONE, /* no content, and no Content-Length */
	FRAMING_LENGTH,
	FRAMING_CHUNKED,
	FRAMING_CLOSE /* HTTP/1.0: the close ends the content */
};

/* How the content ends, and whether the connection persists. */
struct response_frame {
	enum response_framing framing;
	uint64_t content_length; /* of FRAMING_LENGTH */
	bool persists;
};

/* The head, in the response's arena. No data when there is no memory. */
struct slice response_head_make(const struct response *response,
    const struct response_frame *frame, int64_t now);

/* The lines between those of the server itself, as they are sent with a complete
 * representation whose ranges are offered. Their length, or 0 when they do not fit. */
size_t response_head_put_fields(const struct response *response, char *out,
    size_t size);

/* The head of a part, in the response's arena; part NULL: the final boundary.
 * No data when there is no memory. */
struct slice response_head_make_part(const struct response *response,
    const struct range *part);

/* The length of all parts with their heads and the final boundary. */
uint64_t response_head_multipart_length(const struct response *response);

#endif
