/*
 * Hosts and ports, as in Host fields and authorities.
 *
 * SPDX-License-Identifier: ISC
 */
#include "http/uri.h"

#include <stdint.h>
#include <string.h>

#include "http/uri_octets.h"

/* Takes one group of 1*4HEXDIG off the beginning. */
static bool
take_group(struct slice *text)
{
	size_t n = 0;

	while (n < text->len && n < 5 && uri_hex_value(text->data[n]) >= 0)
		n++;
	if (n == 0 || n == 5)
		return false;
	*text = slice_skip(*text, n);
	return true;
}

/* dec-octet: 0 to 255, no leading zero. */
static bool
is_dec_octet(struct slice text)
{
	uint64_t n;

	return text.len <= 3 && slice_parse_number(text, &n) && n <= 255 &&
	    (text.len == 1 || text.data[0] != '0');
}

static bool
is_ipv4(struct slice text)
{
	for (int i = 0; i < 3; i++) {
		const char *dot = memchr(text.data, '.', text.len);
		struct slice part = text;

		if (!dot)
			return false;
		part.len = (size_t)(dot - text.data);
		if (!is_dec_octet(part))
			return false;
		text = slice_skip(text, part.len + 1);
	}
	return is_dec_octet(text);
}

/* Takes the colon or colons between two groups; two colons set *gap. */
static bool
take_separator(struct slice *text, bool *gap)
{
	size_t n = text->len > 1 && text->data[1] == ':' ? 2 : 1;

	if (text->data[0] != ':' || (n == 2 && *gap))
		return false;
	*gap = *gap || n == 2;
	*text = slice_skip(*text, n);
	/* An address does not end in a single colon. */
	return n == 2 || text->len > 0;
}

/* IPv6address of RFC 3986 3.2.2: eight groups; an IPv4 address can replace the
 * last two groups, and "::" one run of groups. */
static bool
is_ipv6(struct slice text)
{
	bool gap = false;
	int groups = 0;

	if (text.len >= 2 && memcmp(text.data, "::", 2) == 0) {
		gap = true;
		text = slice_skip(text, 2);
	}
	while (text.len > 0) {
		if (is_ipv4(text)) {
			groups += 2;
			break;
		}
		if (!take_group(&text))
			return false;
		groups++;
		if (text.len > 0 && !take_separator(&text, &gap))
			return false;
	}
	return gap ? groups <= 7 : groups == 8;
}

/* "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" ) */
static bool
is_ipvfuture(struct slice text)
{
	size_t i = 1;

	if (text.len == 0 || (text.data[0] | 0x20) != 'v')
		return false;
	while (i < text.len && uri_hex_value(text.data[i]) >= 0)
		i++;
	if (i == 1 || i + 1 >= text.len || text.data[i] != '.')
		return false;
	for (i++; i < text.len; i++)
		if (!uri_may_hold(text.data[i], URI_REG_NAME) &&
		    text.data[i] != ':')
			return false;
	return true;
}

static bool
is_reg_name(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (uri_may_hold(text.data[i], URI_REG_NAME))
			continue;
		if (uri_decode_triplet(slice_skip(text, i)) < 0)
			return false;
		i += 2;
	}
	return text.len > 0;
}

/* The length of the host at the beginning of text, before any port. */
static size_t
host_length(struct slice text)
{
	char end = text.data[0] == '[' ? ']' : ':';
	const char *found = memchr(text.data, end, text.len);

	if (!found)
		return text.len;
	return (size_t)(found - text.data) + (end == ']');
}

static bool
is_host(struct slice text)
{
	struct slice inner;

	if (text.len == 0 || text.len > URI_HOST_MAX_BYTES)
		return false;
	if (text.data[0] != '[')
		return is_reg_name(text);
	if (text.len < 3 || text.data[text.len - 1] != ']')
		return false;
	inner = (struct slice){ text.data + 1, text.len - 2 };
	return is_ipv6(inner) || is_ipvfuture(inner);
}

/* ":" *DIGIT, or nothing. */
static bool
parse_port(struct slice text, int *port)
{
	uint64_t n;

	*port = -1;
	if (text.len == 0)
		return true;
	if (text.data[0] != ':')
		return false;
	text = slice_skip(text, 1);
	if (text.len == 0)
		return true;
	if (!slice_parse_number(text, &n) || n > UINT16_MAX)
		return false;
	*port = (int)n;
	return true;
}

bool
uri_host_parse(struct slice text, struct uri_host *host)
{
	struct uri_host parts = { text, -1 };

	if (text.len > 0) {
		parts.name.len = host_length(text);
		if (!is_host(parts.name) ||
		    !parse_port(slice_skip(text, parts.name.len), &parts.port))
			return false;
	}
	*host = parts;
	return true;
}
