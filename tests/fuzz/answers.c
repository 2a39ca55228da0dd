/* SPDX-License-Identifier: ISC */
#include "answers.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/slice.h"
#include "http/fields.h"

#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"

/* What the field lines say of framing. */
struct framing {
	bool has_length, is_chunked;
	uint64_t length;
	unsigned dates, types, etags, modified;
};

/* Takes a line with its CRLF. False when there is none to the end. */
static bool
take_line(struct slice *rest, struct slice *line)
{
	const char *end = memmem(rest->data, rest->len, "\r\n", 2);

	if (!end)
		return false;
	*line = (struct slice){ rest->data, (size_t)(end - rest->data) };
	*rest = slice_skip(*rest, line->len + 2);
	return true;
}

static void
note_field(struct slice name, struct slice value, struct framing *framing,
    struct answer *answer)
{
	if (slice_is_nocase(name, "Content-Length")) {
		assert(!framing->has_length);
		assert(slice_parse_number(value, &framing->length));
		framing->has_length = true;
	} else if (slice_is_nocase(name, "Transfer-Encoding")) {
		assert(!framing->is_chunked && slice_is(value, "chunked"));
		framing->is_chunked = true;
	} else if (slice_is_nocase(name, "Connection")) {
		assert(!answer->closes);
		answer->closes = slice_is(value, "close");
		assert(answer->closes || slice_is(value, "keep-alive"));
	} else if (slice_is_nocase(name, "Content-Type")) {
		framing->types++;
		answer->is_multipart = value.len > 10 &&
		    memcmp(value.data, "multipart/", 10) == 0;
	} else if (slice_is_nocase(name, "Date")) {
		framing->dates++;
	} else if (slice_is_nocase(name, "ETag")) {
		framing->etags++;
	} else if (slice_is_nocase(name, "Last-Modified")) {
		framing->modified++;
	}
}

static bool
take_fields(struct slice *rest, struct framing *framing, struct answer *answer)
{
	struct slice line, name;

	for (;;) {
		const char *colon;

		if (!take_line(rest, &line))
			return false;
		if (line.len == 0)
			return true;
		colon = memchr(line.data, ':', line.len);
		assert(colon && colon[1] == ' ');
		name = (struct slice){ line.data, (size_t)(colon - line.data) };
		line = slice_skip(line, name.len + 2);
		assert(fields_is_token(name) && fields_is_value(line));
		note_field(name, line, framing, answer);
	}
}

/* Takes a body that is chunked in the plainest way. */
static bool
take_chunks(struct slice *rest)
{
	struct slice line;
	size_t size;

	do {
		if (!take_line(rest, &line))
			return false;
		assert(line.len > 0 && line.len < 16);
		size = 0;
		for (size_t i = 0; i < line.len; i++) {
			const char *hex = "0123456789abcdef";
			const char *digit = strchr(hex, line.data[i] | 0x20);

			assert(digit && line.data[i] != '\0');
			size = size * 16 + (size_t)(digit - hex);
		}
		if (rest->len < size + 2)
			return false;
		*rest = slice_skip(*rest, size);
		assert(memcmp(rest->data, "\r\n", 2) == 0);
		*rest = slice_skip(*rest, 2);
	} while (size > 0);
	return true;
}

static bool
take_body(struct slice *rest, const struct framing *framing,
    const struct answer *answer)
{
	if (framing->is_chunked)
		return take_chunks(rest);
	if (!framing->has_length) {
		/* Its end is the connection's (RFC 9112 6.3). */
		assert(answer->closes);
		*rest = slice_skip(*rest, rest->len);
		return true;
	}
	if (rest->len < framing->length)
		return false;
	*rest = slice_skip(*rest, (size_t)framing->length);
	return true;
}

static void
check_framing(const struct framing *framing, const struct answer *answer)
{
	assert(!framing->has_length || !framing->is_chunked);
	assert(framing->dates == 1 && framing->types <= 1);
	assert(framing->etags <= 1 && framing->modified <= 1);
	/* RFC 9112 6.1, RFC 9110 8.6. */
	if (answer->status == 204)
		assert(!framing->has_length && !framing->is_chunked);
}

static bool
take_head(struct slice *rest, struct framing *framing, struct answer *answer)
{
	struct slice line;
	uint64_t status;

	if (!take_line(rest, &line))
		return false;
	assert(line.len >= 13 && memcmp(line.data, "HTTP/1.1 ", 9) == 0);
	assert(slice_parse_number((struct slice){ line.data + 9, 3 }, &status));
	assert(status >= 200 && status <= 599 && line.data[12] == ' ');
	assert(fields_is_value(slice_trim(slice_skip(line, 13))));
	answer->status = (int)status;
	answer->fields = rest->data;
	if (!take_fields(rest, framing, answer))
		return false;
	answer->fields_length = (size_t)(rest->data - answer->fields);
	check_framing(framing, answer);
	return true;
}

size_t
answers_take(const char *data, size_t size, bool to_head, struct answer *answer)
{
	struct slice rest = { data, size };
	struct framing framing = { 0 };
	size_t length = sizeof(CONTINUE) - 1;

	*answer = (struct answer){ 0 };
	if (size >= length && memcmp(data, CONTINUE, length) == 0)
		rest = slice_skip(rest, length);
	if (!take_head(&rest, &framing, answer))
		return size;
	answer->body = rest.data;
	answer->is_complete = to_head || answer->status == 204 ||
	    answer->status == 304 || take_body(&rest, &framing, answer);
	if (!answer->is_complete)
		return size;
	answer->body_length = (size_t)(rest.data - answer->body);
	return (size_t)(rest.data - data);
}
