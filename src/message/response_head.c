/*
 * Status line and fields. See response_head.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "message/response_head.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/hot.h"
#include "base/slice.h"
#include "http/date.h"
#include "http/head.h"
#include "http/status.h"
#include "message/prepared.h"
#include "message/response.h"

/* The type of content for which a handler sets none. */
#define DEFAULT_TYPE "text/plain; charset=utf-8"

/* An upper bound for the head of a part without its type. */
#define PART_HEAD_BYTES 160

/* An upper bound for the lines of the server itself. */
#define OWN_LINES_BYTES 768

/* Times of the last change whose text a process keeps. */
#define MODIFIED_KEPT 8

struct text {
	char *at, *end;
};

/* Every response is made here: so no strlen of literals, and no snprintf. */
#define PUT(text, literal) put_octets(text, literal, sizeof(literal) - 1)

static void
put_octets(struct text *text, const char *octets, size_t length)
{
	assert(length <= (size_t)(text->end - text->at));
	text->at = mempcpy(text->at, octets, length);
}

static void
put(struct text *text, const char *string)
{
	put_octets(text, string, strlen(string));
}

static void
put_number(struct text *text, uint64_t number)
{
	char digits[20], *at = digits + sizeof(digits);

	do {
		*--at = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	put_octets(text, at, (size_t)(digits + sizeof(digits) - at));
}

static void
put_field(struct text *text, const char *name, const char *value)
{
	put(text, name);
	PUT(text, ": ");
	put(text, value);
	PUT(text, "\r\n");
}

/* A time and its text: date_format costs more than a comparison. */
struct date_kept {
	bool is_set;
	int64_t seconds;
	char text[DATE_BYTES];
};

static const char *
date_text(struct date_kept *kept, int64_t seconds)
{
	if (!kept->is_set || kept->seconds != seconds) {
		date_format(seconds, kept->text);
		kept->seconds = seconds;
		kept->is_set = true;
	}
	return kept->text;
}

/* Once a second. */
static const char *
now_text(int64_t now)
{
	static HOT struct date_kept kept;

	return date_text(&kept, now);
}

/* What is requested repeatedly was changed at few times. */
static const char *
modified_text(int64_t modified)
{
	static HOT struct date_kept kept[MODIFIED_KEPT];

	return date_text(&kept[(uint64_t)modified % MODIFIED_KEPT], modified);
}

static void
put_status_line(struct text *text, int status)
{
	if (status == 200) {
		PUT(text, "HTTP/1.1 200 OK\r\n");
		return;
	}
	PUT(text, "HTTP/1.1 ");
	put_number(text, (uint64_t)status);
	PUT(text, " ");
	put(text, status_reason(status));
	PUT(text, "\r\n");
}

static void
put_validators(struct text *text, const struct response *response,
    bool offers_ranges)
{
	if (response->has_last_modified)
		put_field(text, "Last-Modified",
		    modified_text(response->last_modified));
	if (response->etag)
		put_field(text, "ETag", response->etag);
	if (offers_ranges)
		PUT(text, "Accept-Ranges: bytes\r\n");
}

static void
put_type(struct text *text, const struct response *response,
    enum response_framing framing)
{
	const char *type = response_field(response, "Content-Type");

	if (response->ranges) {
		PUT(text, "Content-Type: multipart/byteranges; boundary=");
		put(text, response->boundary);
		PUT(text, "\r\n");
	} else if (type) {
		put_field(text, "Content-Type", type);
	} else if (framing != FRAMING_NONE) {
		put_field(text, "Content-Type", DEFAULT_TYPE);
	}
}

static void
put_framing(struct text *text, const struct response_frame *frame, int minor)
{
	if (frame->framing == FRAMING_LENGTH) {
		PUT(text, "Content-Length: ");
		put_number(text, frame->content_length);
		PUT(text, "\r\n");
	} else if (frame->framing == FRAMING_CHUNKED) {
		PUT(text, "Transfer-Encoding: chunked\r\n");
	}
	if (!frame->persists)
		PUT(text, "Connection: close\r\n");
	else if (minor == 0)
		PUT(text, "Connection: keep-alive\r\n");
}

/* All but the type. */
static void
put_list(struct text *text, const struct response *response)
{
	const struct response_field *field;

	for (field = response->fields; field; field = field->next)
		if (!slice_same_name(field->name, "Content-Type"))
			put_field(text, field->name, field->value);
}

static void
put_prepared(struct text *text, const struct prepared *prepared)
{
	put_octets(text, (const char *)prepared + prepared->text,
	    prepared->text_length);
}

/* An upper bound. */
static size_t
head_size(const struct response *response)
{
	const struct response_field *field;
	size_t size = OWN_LINES_BYTES;

	if (response->prepared)
		size += response->prepared->text_length;
	else if (response->etag)
		size += strlen(response->etag);
	for (field = response->fields; field; field = field->next)
		size += strlen(field->name) + strlen(field->value) + 4;
	return size;
}

struct slice
response_head_make(const struct response *response,
    const struct response_frame *frame, int64_t now)
{
	size_t size = head_size(response);
	char *head = arena_alloc_text(response->arena, size);
	struct text text;

	if (!head)
		return (struct slice){ NULL, 0 };
	text = (struct text){ head, head + size };
	put_status_line(&text, response->status);
	PUT(&text, "Date: ");
	put_octets(&text, now_text(now), DATE_BYTES - 1);
	PUT(&text, "\r\n");
	if (!response_field(response, "Server"))
		PUT(&text, "Server: prong\r\n");
	if (response->prepared) {
		put_prepared(&text, response->prepared);
	} else {
		put_validators(&text, response, response->offers_ranges);
		put_type(&text, response, frame->framing);
	}
	put_list(&text, response);
	put_framing(&text, frame, response->head->minor);
	PUT(&text, "\r\n");
	return (struct slice){ head, (size_t)(text.at - head) };
}

size_t
response_head_put_fields(const struct response *response, char *out,
    size_t size)
{
	struct text text = { out, out + size };

	if (size < head_size(response))
		return 0;
	put_validators(&text, response, true);
	put_type(&text, response, FRAMING_LENGTH);
	put_list(&text, response);
	return (size_t)(text.at - out);
}

static const char *
part_type(const struct response *response)
{
	const char *type = response_field(response, "Content-Type");

	return type ? type : DEFAULT_TYPE;
}

/* Returns the length, as snprintf. part NULL: the final boundary. */
static size_t
write_part(const struct response *response, const char *type,
    const struct range *part, char *out, size_t size)
{
	int n;

	if (!part)
		n = snprintf(out, size, "\r\n--%s--\r\n", response->boundary);
	else
		n = snprintf(out, size,
		    "\r\n--%s\r\n"
		    "Content-Type: %s\r\n"
		    "Content-Range: bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64
		    "\r\n\r\n",
		    response->boundary, type, part->first, part->last,
		    response->total);
	assert(n > 0);
	return (size_t)n;
}

struct slice
response_head_make_part(const struct response *response,
    const struct range *part)
{
	const char *type = part_type(response);
	size_t size = strlen(type) + PART_HEAD_BYTES;
	char *text = arena_alloc_text(response->arena, size);

	if (!text)
		return (struct slice){ NULL, 0 };
	return (struct slice){ text,
		write_part(response, type, part, text, size) };
}

uint64_t
response_head_multipart_length(const struct response *response)
{
	const char *type = part_type(response);
	uint64_t length = 0;

	for (size_t i = 0; i < response->range_count; i++) {
		const struct range *part = &response->ranges[i];

		length += write_part(response, type, part, NULL, 0);
		length += part->last - part->first + 1;
	}
	return length + write_part(response, type, NULL, NULL, 0);
}
