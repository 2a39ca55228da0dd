/*
 * The pieces of a line. Octets of a client become printable ASCII inside their
 * own field.
 *
 * SPDX-License-Identifier: ISC
 */
#include "accesslog/internal.h"

#include <stdio.h>
#include <string.h>

#include "accesslog/accesslog.h"
#include "base/decimal.h"
#include "http/fields.h"
#include "http/head.h"
#include "message/request.h"

/* A client's text is cut here and ends in "...". Three such fields and the rest
 * of a line in combined format fit, so no client can push its status out of the
 * line. */
#define FIELD_MAX_BYTES 1200

void
accesslog_put_octets(struct accesslog_line *line, const char *text,
    size_t length)
{
	if (length > (size_t)(line->end - line->at))
		line->is_full = true;
	if (!line->is_full)
		line->at = mempcpy(line->at, text, length);
}

void
accesslog_put(struct accesslog_line *line, const char *text)
{
	accesslog_put_octets(line, text, strlen(text));
}

void
accesslog_put_number(struct accesslog_line *line, int64_t number)
{
	char digits[DECIMAL_DIGITS + 1], *at = digits;

	if (number < 0)
		*at++ = '-';
	at = decimal_put(at, number < 0 ? -(uint64_t)number : (uint64_t)number);
	accesslog_put_octets(line, digits, (size_t)(at - digits));
}

/* Whether an octet needs no escape. */
static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void
put_escape(struct accesslog_line *line, unsigned char c)
{
	char escape[8];

	if (c == '"' || c == '\\')
		snprintf(escape, sizeof(escape), "\\%c", c);
	else if (line->quoting == QUOTE_JSON)
		snprintf(escape, sizeof(escape), "\\u%04x", c);
	else
		snprintf(escape, sizeof(escape), "\\x%02x", c);
	accesslog_put(line, escape);
}

/* Writes plain octets, as many as fit. Returns their number. */
static size_t
put_plain(struct accesslog_line *line, const char *text, size_t length)
{
	const size_t room = (size_t)(line->end - line->at);
	size_t n = 0;

	while (n < length && is_plain((unsigned char)text[n]))
		n++;
	line->is_full |= n > room;
	if (n > room)
		n = room;
	line->at = mempcpy(line->at, text, n);
	return n;
}

void
accesslog_put_escaped(struct accesslog_line *line, struct slice text)
{
	const char *start = line->at;
	size_t i = 0, n, most;

	while (i < text.len && !line->is_full) {
		if (line->at - start > FIELD_MAX_BYTES) {
			accesslog_put(line, "...");
			return;
		}
		most = (size_t)(start + FIELD_MAX_BYTES + 1 - line->at);
		n = text.len - i < most ? text.len - i : most;
		n = put_plain(line, text.data + i, n);
		i += n;
		if (n == 0)
			put_escape(line, (unsigned char)text.data[i++]);
	}
}

void
accesslog_put_word(struct accesslog_line *line, const char *text)
{
	if (!text || *text == '\0') {
		accesslog_put(line, "-");
		return;
	}
	for (; *text != '\0'; text++) {
		if (*text == ' ')
			accesslog_put(line, "\\x20");
		else
			accesslog_put_escaped(line, (struct slice){ text, 1 });
	}
}

void
accesslog_put_protocol(struct accesslog_line *line,
    const struct http_head *head)
{
	accesslog_put(line, "HTTP/");
	accesslog_put_number(line, head->major);
	accesslog_put(line, ".");
	accesslog_put_number(line, head->minor);
}

const char *
accesslog_id(const struct accesslog_entry *entry)
{
	return entry->request ? request_id(entry->request) : NULL;
}

struct slice
accesslog_request_field(const struct accesslog_entry *entry, const char *name)
{
	const struct http_field *field;

	field = fields_find(entry->head->fields, entry->head->field_count,
	    name);
	return field ? field->value : (struct slice){ NULL, 0 };
}
