/*
 * A parsed head as text again. See head.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "http/head.h"

#include <string.h>

static char *
put(char *out, struct slice slice)
{
	memcpy(out, slice.data, slice.len);
	return out + slice.len;
}

static char *
put_text(char *out, const char *text)
{
	return put(out, slice_from_string(text));
}

size_t
http_head_write(const struct http_head *head, char *out)
{
	char *p = put(out, head->method);
	size_t i;

	p = put_text(p, " ");
	p = put(p, head->target);
	p = put_text(p, " HTTP/1.");
	*p++ = (char)('0' + head->minor);
	p = put_text(p, "\r\n");
	for (i = 0; i < head->field_count; i++) {
		p = put(p, head->fields[i].name);
		p = put_text(p, ":");
		p = put(p, head->fields[i].value);
		p = put_text(p, "\r\n");
	}
	p = put_text(p, "\r\n");
	return (size_t)(p - out);
}
