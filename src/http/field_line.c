/*
 * A field line, and the fields about framing. See field_line.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "http/field_line.h"

#include <string.h>

static enum http_verdict
note_host(struct http_head *head, struct slice value)
{
	if (head->has_host)
		return HTTP_REPEATED_HOST;
	if (!uri_host_parse(value, &head->host_parts))
		return HTTP_BAD_HOST;
	head->has_host = true;
	head->host = value;
	return HTTP_COMPLETE;
}

/* RFC 9112 6.3 allows a server to refuse a list of equal lengths. A repeated
 * length is an attack more often than a mistake. */
static enum http_verdict
note_length(struct http_head *head, struct slice value)
{
	uint64_t length;

	if (head->content_length >= 0)
		return HTTP_REPEATED_LENGTH;
	if (!slice_parse_number(value, &length))
		return HTTP_BAD_LENGTH;
	if (length > INT64_MAX)
		return HTTP_LENGTH_TOO_LARGE;
	head->content_length = (int64_t)length;
	return HTTP_COMPLETE;
}

/* Whether a member is a coding, possibly with parameters. chunked has none (RFC
 * 9112 7.1), so "chunked;x=y" is as malformed as a quoted name. */
static bool
is_other_coding(struct slice member)
{
	const char *semicolon = memchr(member.data, ';', member.len);
	struct slice name = member;

	if (semicolon)
		name.len = (size_t)(semicolon - member.data);
	name = slice_trim(name);
	return fields_is_token(name) && !slice_is_nocase(name, "chunked");
}

/* All lines of the field are one list, and chunked must be its last member. */
static enum http_verdict
note_coding(struct http_head *head, struct slice value)
{
	struct slice member;

	head->coding_seen = true;
	while (fields_next_member(&value, &member)) {
		if (head->chunked)
			return HTTP_BAD_CODING;
		if (slice_is_nocase(member, "chunked"))
			head->chunked = true;
		else if (is_other_coding(member))
			head->coding_unknown = true;
		else
			return HTTP_BAD_CODING;
	}
	return HTTP_COMPLETE;
}

static enum http_verdict
note_connection(struct http_head *head, struct slice value)
{
	struct slice option;

	while (fields_next_member(&value, &option)) {
		if (slice_is_nocase(option, "close"))
			head->option_close = true;
		else if (slice_is_nocase(option, "keep-alive"))
			head->option_keep_alive = true;
	}
	return HTTP_COMPLETE;
}

static enum http_verdict
note_expect(struct http_head *head, struct slice value)
{
	struct slice member;

	while (fields_next_member(&value, &member)) {
		if (slice_is_nocase(member, "100-continue"))
			head->expectation_continue = true;
		else
			head->expectation_unknown = true;
	}
	return HTTP_COMPLETE;
}

static const struct {
	const char *name;
	size_t length;
	enum http_verdict (*note)(struct http_head *, struct slice);
} known_fields[] = {
	{ "Host", 4, note_host },
	{ "Content-Length", 14, note_length },
	{ "Transfer-Encoding", 17, note_coding },
	{ "Connection", 10, note_connection },
	{ "Expect", 6, note_expect },
};

static enum http_verdict
note_field(struct http_head *head, const struct http_field *field)
{
	for (size_t i = 0; i < sizeof(known_fields) / sizeof(*known_fields);
	     i++)
		if (field->name.len == known_fields[i].length &&
		    slice_is_nocase(field->name, known_fields[i].name))
			return known_fields[i].note(head, field->value);
	return HTTP_COMPLETE;
}

/* The error of a name whose octet at length is not that of a token. */
static enum http_verdict
name_error(struct slice line, size_t length)
{
	if (length == line.len)
		return HTTP_NO_COLON;
	if (line.data[length] == ':')
		return HTTP_EMPTY_NAME;
	if (line.data[length] != ' ' && line.data[length] != '\t')
		return HTTP_BAD_NAME;
	if (length == 0)
		return HTTP_FOLDED_LINE;
	return memchr(line.data, ':', line.len) ? HTTP_SPACE_BEFORE_COLON :
						  HTTP_NO_COLON;
}

enum http_verdict
field_line_parse(struct http_head *head, struct slice line,
    const struct http_limits *limits)
{
	struct http_field *field;
	size_t n = 0;

	while (n < line.len && fields_is_tchar((unsigned char)line.data[n]))
		n++;
	if (n == 0 || n == line.len || line.data[n] != ':')
		return name_error(line, n);
	if (head->field_count == limits->max_fields ||
	    head->field_count == head->field_capacity)
		return HTTP_TOO_MANY_FIELDS;
	field = &head->fields[head->field_count++];
	field->name = (struct slice){ line.data, n };
	field->value = slice_trim(slice_skip(line, n + 1));
	return note_field(head, field);
}
