/*
 * SPDX-License-Identifier: ISC
 */
#include "fields.h"

#include <stdint.h>
#include <string.h>

#define TCHAR	1
#define VALUE	2

/* What each octet may be part of. */
static const uint8_t octets[256] = {
	['\t'] = VALUE, [' '] = VALUE,
	['!'] = TCHAR | VALUE, ['"'] = VALUE,
	['#' ... '\''] = TCHAR | VALUE, ['(' ... ')'] = VALUE,
	['*' ... '+'] = TCHAR | VALUE, [','] = VALUE,
	['-' ... '.'] = TCHAR | VALUE, ['/'] = VALUE,
	['0' ... '9'] = TCHAR | VALUE, [':' ... '@'] = VALUE,
	['A' ... 'Z'] = TCHAR | VALUE, ['[' ... ']'] = VALUE,
	['^' ... 'z'] = TCHAR | VALUE, ['{'] = VALUE,
	['|'] = TCHAR | VALUE, ['}'] = VALUE, ['~'] = TCHAR | VALUE,
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
fields_is_tchar(unsigned char octet)
{
	return octets[octet] & TCHAR;
}

bool
fields_is_value_octet(unsigned char octet)
{
	return octets[octet] & VALUE;
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

/* Where the text before the next delimiter ends: quoted strings, in which a
 * backslash takes the next octet along (RFC 9110 5.6.4), are passed over. */
static size_t
find_delimiter(struct slice text, char delimiter)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (text.data[i] == '"')
			quoted = !quoted;
		else if (quoted && text.data[i] == '\\')
			i++;
		else if (!quoted && text.data[i] == delimiter)
			return i;
	}
	return text.len;
}

/* Takes off what stands before the delimiter, and the delimiter. */
static struct slice
take_until(struct slice *rest, char delimiter)
{
	size_t end = find_delimiter(*rest, delimiter);
	struct slice part = { rest->data, end };

	*rest = slice_skip(*rest, end < rest->len ? end + 1 : end);
	return slice_trim(part);
}

bool
fields_next_member(struct slice *rest, struct slice *member)
{
	while (rest->len > 0) {
		struct slice part = take_until(rest, ',');

		if (part.len > 0) {
			*member = part;
			return true;
		}
	}
	return false;
}

struct fields_list
fields_list(const struct http_field *fields, size_t count, const char *name)
{
	return (struct fields_list){ fields, count, name, { NULL, 0 } };
}

bool
fields_list_next(struct fields_list *list, struct slice *member)
{
	while (!fields_next_member(&list->rest, member)) {
		const struct http_field *line = fields_find(list->fields,
		    list->count, list->name);

		if (line == NULL)
			return false;
		list->rest = line->value;
		list->count -= (size_t)(line - list->fields) + 1;
		list->fields = line + 1;
	}
	return true;
}

/* qvalue (RFC 9110 12.4.2) in thousandths; -1 when it is none. */
static int
parse_qvalue(struct slice text)
{
	int value, scale = 100;

	if (text.len == 0 || text.len > 5 ||
	    (text.data[0] != '0' && text.data[0] != '1') ||
	    (text.len > 1 && text.data[1] != '.'))
		return -1;
	value = (text.data[0] - '0') * 1000;
	for (size_t i = 2; i < text.len; i++, scale /= 10) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return -1;
		value += (text.data[i] - '0') * scale;
	}
	return value <= 1000 ? value : -1;
}

/* The weight among a member's parameters; 1000 when it says none. */
static int
weight_of(struct slice parameters)
{
	while (parameters.len > 0) {
		struct slice one = take_until(&parameters, ';');

		if (one.len >= 2 && one.data[1] == '=' &&
		    (one.data[0] == 'q' || one.data[0] == 'Q'))
			return parse_qvalue(slice_skip(one, 2));
	}
	return 1000;
}

/* What a list told so far about the wanted member. */
struct weights {
	struct slice wanted;
	int named, star;
};

static void
weigh(struct weights *weights, struct slice member)
{
	struct slice name = take_until(&member, ';');
	int weight = weight_of(member);

	if (weights->named < 0 && slice_equal_nocase(name, weights->wanted))
		weights->named = weight;
	else if (weights->star < 0 && slice_is(name, "*"))
		weights->star = weight;
}

static int
conclude(const struct weights *weights)
{
	return weights->named >= 0 ? weights->named : weights->star;
}

int
fields_weight(struct slice list, const char *member)
{
	struct weights weights = { slice_from_string(member), -1, -1 };
	struct slice one;

	while (fields_next_member(&list, &one))
		weigh(&weights, one);
	return conclude(&weights);
}

int
fields_weight_in(const struct http_field *fields, size_t count,
    const char *name, const char *member)
{
	struct weights weights = { slice_from_string(member), -1, -1 };
	struct fields_list list = fields_list(fields, count, name);
	struct slice one;

	while (fields_list_next(&list, &one))
		weigh(&weights, one);
	return conclude(&weights);
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
	static const char *const names[] = {
		"Connection", "Content-Length", "Date", "Keep-Alive",
		"Trailer", "Transfer-Encoding", "Upgrade"
	};

	return is_one_of(name, names, sizeof(names) / sizeof(names[0]));
}

bool
fields_is_of_content(const char *name)
{
	static const char *const names[] = {
		"Accept-Ranges", "Content-Encoding", "Content-Language",
		"Content-Location", "Content-Range", "Content-Type", "ETag",
		"Last-Modified", "Location"
	};

	return is_one_of(name, names, sizeof(names) / sizeof(names[0]));
}
