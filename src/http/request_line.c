/*
 * The request line. See request_line.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "http/request_line.h"

#include <string.h>

/* HTTP-name is case-sensitive and both numbers have one digit (RFC 9112 2.3).
 * Text of that form is a version, even if it is not supported. */
static enum http_verdict
parse_version(struct http_head *head, struct slice text)
{
	if (text.len != 8 || memcmp(text.data, "HTTP/", 5) != 0 ||
	    text.data[5] < '0' || text.data[5] > '9' || text.data[6] != '.' ||
	    text.data[7] < '0' || text.data[7] > '9')
		return HTTP_BAD_VERSION;
	if (text.data[5] != '1')
		return HTTP_VERSION_NOT_SUPPORTED;
	head->major = 1;
	head->minor = text.data[7] - '0';
	return HTTP_COMPLETE;
}

/* Whether there is neither a space nor a control octet. uri_target_parse refuses
 * the other octets that RFC 3986 does not allow unencoded. */
static bool
is_target(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char octet = (unsigned char)text.data[i];

		if (octet <= ' ' || octet == 0x7f)
			return false;
	}
	return text.len > 0;
}

enum http_verdict
request_line_parse(struct http_head *head, struct slice line)
{
	const char *space = memchr(line.data, ' ', line.len);
	const char *last;
	struct slice target, version;

	if (!space)
		return HTTP_BAD_METHOD;
	head->method = (struct slice){ line.data, (size_t)(space - line.data) };
	target = slice_skip(line, head->method.len + 1);
	last = memrchr(target.data, ' ', target.len);
	if (!last)
		return HTTP_NO_VERSION;
	version = slice_skip(target, (size_t)(last - target.data) + 1);
	target.len = (size_t)(last - target.data);
	if (!is_target(target))
		return HTTP_BAD_TARGET;
	head->target = target;
	return parse_version(head, version);
}

size_t
request_line_method_length(struct slice line)
{
	size_t i = 0;

	while (i < line.len && fields_is_tchar((unsigned char)line.data[i]))
		i++;
	return i;
}

enum http_verdict
request_line_check_method(struct slice line)
{
	size_t i = request_line_method_length(line);

	if (i > HTTP_METHOD_MAX_BYTES)
		return HTTP_METHOD_TOO_LONG;
	if (i == line.len || (i > 0 && line.data[i] == ' ') ||
	    line.data[i] == '\r')
		return HTTP_INCOMPLETE;
	/* The record type at the beginning of a TLS handshake (RFC 8446 5.1),
	 * which no method begins with. */
	if (line.data[0] == 0x16)
		return HTTP_TLS_NOT_SPOKEN;
	return line.data[i] == '\n' ? HTTP_BARE_LF : HTTP_BAD_METHOD;
}
