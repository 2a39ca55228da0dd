/*
 * SPDX-License-Identifier: ISC
 */
#include "http/fields.h"

#include <stdint.h>
#include <string.h>

#define TCHAR FIELDS_TCHAR
#define VALUE FIELDS_VALUE

const uint8_t fields_octets[256] = {
	['\t'] = VALUE,
	[' '] = VALUE,
	['!'] = TCHAR | VALUE,
	['"'] = VALUE,
	['#' ... '\''] = TCHAR | VALUE,
	['(' ... ')'] = VALUE,
	['*' ... '+'] = TCHAR | VALUE,
	[','] = VALUE,
	['-' ... '.'] = TCHAR | VALUE,
	['/'] = VALUE,
	['0' ... '9'] = TCHAR | VALUE,
	[':' ... '@'] = VALUE,
	['A' ... 'Z'] = TCHAR | VALUE,
	['[' ... ']'] = VALUE,
	['^' ... 'z'] = TCHAR | VALUE,
	['{'] = VALUE,
	['|'] = TCHAR | VALUE,
	['}'] = VALUE,
	['~'] = TCHAR | VALUE,
	[0x80 ... 0xff] = VALUE,
};

const struct http_field *
fields_find(const struct http_field *fields, size_t count, const char *name)
{
	struct slice wanted = slice_from_string(name);

	for (size_t i = 0; i < count; i++)
		if (slice_equal_nocase(fields[i].name, wanted))
			return &fields[i];
	return NULL;
}

size_t
fields_count(const struct http_field *fields, size_t count, const char *name)
{
	struct slice wanted = slice_from_string(name);
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (slice_equal_nocase(fields[i].name, wanted))
			n++;
	return n;
}

bool
fields_is_token(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!fields_is_tchar((unsigned char)text.data[i]))
			return false;
	return text.len > 0;
}

bool
fields_is_value(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!fields_is_value_octet((unsigned char)text.data[i]))
			return false;
	return slice_trim(text).len == text.len;
}

/* The position of the next comma, or the length of text. Commas in quoted
 * strings do not count; a backslash escapes the next octet there (RFC 9110
 * 5.6.4). */
static size_t
find_comma(struct slice text)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (text.data[i] == '"')
			quoted = !quoted;
		else if (quoted && text.data[i] == '\\')
			i++;
		else if (!quoted && text.data[i] == ',')
			return i;
	}
	return text.len;
}

bool
fields_next_member(struct slice *rest, struct slice *member)
{
	while (rest->len > 0) {
		size_t end = find_comma(*rest);
		struct slice part = slice_trim((struct slice){
		    rest->data, end });

		*rest = slice_skip(*rest, end < rest->len ? end + 1 : end);
		if (part.len > 0) {
			*member = part;
			return true;
		}
	}
	return false;
}

static bool
is_one_of(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_same_name(name, names[i]))
			return true;
	return false;
}

bool
fields_is_framing(const char *name)
{
	static const char *const names[] = { "Connection", "Content-Length",
		"Date", "Keep-Alive", "Trailer", "Transfer-Encoding",
		"Upgrade" };

	return is_one_of(name, names, sizeof(names) / sizeof(names[0]));
}

bool
fields_is_of_content(const char *name)
{
	static const char *const names[] = { "Accept-Ranges",
		"Content-Encoding", "Content-Language", "Content-Location",
		"Content-Range", "Content-Type", "ETag", "Last-Modified",
		"Location" };

	return is_one_of(name, names, sizeof(names) / sizeof(names[0]));
}
