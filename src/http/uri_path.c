/*
 * Paths and queries: decoding them, and normalising paths.
 *
 * SPDX-License-Identifier: ISC
 */
#include "http/uri.h"

#include <string.h>

#include "http/uri_octets.h"

/* Paths. */

/* A buffer to write to, which keeps room for a NUL. */
struct writer {
	char *out;
	size_t capacity, length;
	bool marks_slashes;
};

static bool
put(struct writer *writer, char octet)
{
	if (writer->length + 1 >= writer->capacity)
		return false;
	writer->out[writer->length++] = octet;
	return true;
}

/* The length of the UTF-8 sequence with that first octet; 0 for an octet that
 * begins no sequence. */
static size_t
length_by_first(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* The length of the UTF-8 sequence at the beginning of s; 0 for an invalid one,
 * for example overlong, a surrogate or above U+10FFFF (RFC 3629 4). */
static size_t
utf8_length(const unsigned char *s, size_t len)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t n = length_by_first(s[0]);

	if (n > len)
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	for (size_t i = 1; i < n; i++, low = 0x80, high = 0xbf)
		if (s[i] < low || s[i] > high)
			return 0;
	return n;
}

static bool
is_utf8(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;

	while (len > 0) {
		size_t n = utf8_length(s, len);

		if (n == 0)
			return false;
		s += n;
		len -= n;
	}
	return true;
}

/* Takes one octet of a segment, decoded. A backslash is refused although it is
 * an ordinary octet for Linux: a handler may pass the path to other systems,
 * where it separates segments. */
static enum uri_verdict
take_path_octet(struct slice *raw, bool marks_slashes, char *octet)
{
	int value;

	if (raw->data[0] != '%') {
		if (!uri_may_hold(raw->data[0], URI_PATH))
			return URI_BAD_OCTET;
		*octet = raw->data[0];
		*raw = slice_skip(*raw, 1);
		return URI_OK;
	}
	value = uri_decode_triplet(*raw);
	if (value < 0)
		return URI_BAD_ENCODING;
	if (value == '/' && !marks_slashes)
		return URI_ENCODED_SLASH;
	if (value < 0x20 || value == 0x7f)
		return URI_FORBIDDEN_OCTET;
	if (value == '\\')
		return URI_BACKSLASH;
	*octet = value == '/' ? URI_SLASH_MARK : (char)value;
	*raw = slice_skip(*raw, 3);
	return URI_OK;
}

/* Writes a segment, up to the next "/" or the end. */
static enum uri_verdict
take_segment(struct slice *raw, struct writer *writer)
{
	while (raw->len > 0 && raw->data[0] != '/') {
		char octet;
		enum uri_verdict verdict = take_path_octet(raw,
		    writer->marks_slashes, &octet);

		if (verdict != URI_OK)
			return verdict;
		if (!put(writer, octet))
			return URI_TOO_LONG;
	}
	return URI_OK;
}

/* Removes the segment before start, but not the slash in front of it. */
static bool
remove_last_segment(struct writer *writer, size_t start)
{
	if (start == 1)
		return false;
	writer->length = start - 1;
	while (writer->out[writer->length - 1] != '/')
		writer->length--;
	return true;
}

/* Checks the segment written from start on: only a decoded segment shows
 * whether it is "." or "..". Afterwards the path ends in "/" if another segment
 * may follow. */
static enum uri_verdict
finish_segment(struct writer *writer, size_t start, bool slash_follows)
{
	const char *segment = writer->out + start;
	size_t n = writer->length - start;

	if (n == 1 && segment[0] == '.')
		writer->length = start;
	else if (n == 2 && segment[0] == '.' && segment[1] == '.')
		return remove_last_segment(writer, start) ? URI_OK :
							    URI_ABOVE_ROOT;
	else if (!is_utf8(segment, n))
		return URI_BAD_UTF8;
	else if (n > 0 && slash_follows && !put(writer, '/'))
		return URI_TOO_LONG;
	return URI_OK;
}

static enum uri_verdict
decode_path(struct slice raw, struct writer writer, size_t *length)
{
	enum uri_verdict verdict = URI_OK;

	if (raw.len == 0 || raw.data[0] != '/')
		return URI_BAD_FORM;
	if (!put(&writer, '/'))
		return URI_TOO_LONG;
	while (verdict == URI_OK && raw.len > 0) {
		size_t start = writer.length;

		raw = slice_skip(raw, 1);
		verdict = take_segment(&raw, &writer);
		if (verdict == URI_OK)
			verdict = finish_segment(&writer, start, raw.len > 0);
	}
	if (verdict != URI_OK)
		return verdict;
	writer.out[writer.length] = '\0';
	*length = writer.length;
	return URI_OK;
}

enum uri_verdict
uri_decode_path(struct slice raw, char *out, size_t capacity, size_t *length)
{
	return decode_path(raw, (struct writer){ out, capacity, 0, false },
	    length);
}

enum uri_verdict
uri_decode_path_marked(struct slice raw, char *out, size_t capacity,
    size_t *length)
{
	return decode_path(raw, (struct writer){ out, capacity, 0, true },
	    length);
}

size_t
uri_spell_path(const char *path, char *out)
{
	char *at = out;

	for (; *path != '\0'; path++) {
		if (*path == URI_SLASH_MARK)
			at = stpcpy(at, "%2F");
		else if (*path == '%')
			at = stpcpy(at, "%25");
		else
			*at++ = *path;
	}
	*at = '\0';
	return (size_t)(at - out);
}

/* Queries. */

static unsigned char
take_query_octet(struct slice *text)
{
	int value = uri_decode_triplet(*text);
	unsigned char octet = (unsigned char)text->data[0];

	*text = slice_skip(*text, value >= 0 ? 3 : 1);
	return value >= 0 ? (unsigned char)value : octet == '+' ? ' ' : octet;
}

static bool
name_matches(struct slice raw, const char *name)
{
	while (raw.len > 0) {
		unsigned char octet = take_query_octet(&raw);

		if (*name == '\0' || (unsigned char)*name++ != octet)
			return false;
	}
	return *name == '\0';
}

/* Takes the text before the octet at, or all of it when it has no such octet.
 * *text becomes the text after the octet. */
static struct slice
take_before(struct slice *text, char at)
{
	const char *found = text->len > 0 ? memchr(text->data, at, text->len) :
					    NULL;
	struct slice part = *text;

	if (found)
		part.len = (size_t)(found - text->data);
	*text = slice_skip(*text, part.len + (found ? 1 : 0));
	return part;
}

static enum uri_query_verdict
decode_query_value(struct slice raw, struct writer *writer)
{
	while (raw.len > 0) {
		unsigned char octet = take_query_octet(&raw);

		if (octet == '\0')
			return URI_QUERY_HAS_NUL;
		if (!put(writer, (char)octet))
			return URI_QUERY_TOO_LONG;
	}
	return URI_QUERY_FOUND;
}

enum uri_query_verdict
uri_query_value(struct slice query, const char *name, char *out,
    size_t capacity, size_t *length)
{
	struct writer writer = { out, capacity, 0, false };
	enum uri_query_verdict verdict;

	while (query.len > 0) {
		struct slice value = take_before(&query, '&');
		struct slice key = take_before(&value, '=');

		if (!name_matches(key, name))
			continue;
		if (capacity == 0)
			return URI_QUERY_TOO_LONG;
		verdict = decode_query_value(value, &writer);
		if (verdict == URI_QUERY_FOUND) {
			out[writer.length] = '\0';
			*length = writer.length;
		}
		return verdict;
	}
	return URI_QUERY_ABSENT;
}
