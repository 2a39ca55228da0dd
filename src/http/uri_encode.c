/*
 * Targets as clients send them, in the form of RFC 3986.
 *
 * SPDX-License-Identifier: ISC
 */
#include "http/uri.h"

#include <string.h>

#include "http/uri_octets.h"

/* Where the path begins; the length of a target without a path. No octet before
 * it is ever encoded: a host with octets beyond ASCII is malformed. */
static size_t
path_start(struct slice target)
{
	const char *mark;
	size_t at;

	if (target.data[0] == '/')
		return 0;
	mark = memmem(target.data, target.len, "://", 3);
	at = mark ? (size_t)(mark - target.data) + 3 : target.len;
	while (at < target.len && target.data[at] != '/' &&
	    target.data[at] != '?')
		at++;
	return at;
}

/* A backslash is not encoded, as browsers take it for a slash; nor "#", a space
 * or a control octet, which no client means as a part of a path. */
static bool
wants_encoding(char octet, unsigned part)
{
	switch (octet) {
	case '"':
	case '<':
	case '>':
	case '`':
	case '{':
	case '}':
		return !uri_may_hold(octet, part);
	default:
		return (unsigned char)octet >= 0x80;
	}
}

size_t
uri_encode_target(struct slice target, char *out)
{
	static const char hex[] = "0123456789ABCDEF";
	unsigned part = URI_PATH;
	size_t length = 0, start;

	if (target.len == 0)
		return 0;
	start = path_start(target);
	for (size_t i = 0; i < target.len; i++) {
		unsigned char octet = (unsigned char)target.data[i];
		bool encodes = i >= start && wants_encoding((char)octet, part);

		if (octet == '?')
			part = URI_QUERY;
		if (out && encodes) {
			out[length] = '%';
			out[length + 1] = hex[octet >> 4];
			out[length + 2] = hex[octet & 15];
		} else if (out) {
			out[length] = (char)octet;
		}
		length += encodes ? 3 : 1;
	}
	return length;
}
