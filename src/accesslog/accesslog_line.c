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
put_octet(struct accesslog_line *line, char octet)
{
	unsigned char c = (unsigned char)octet;
	char escape[8];

	if (is_plain(c)) {
		accesslog_put_octets(line, &octet, 1);
		return;
	}
	if (c == '"' || c == '\\')
		snprintf(escape, sizeof(escape), "\\%c", c);
	else if (line->quoting == QUOTE_JSON)
		snprintf(escape, sizeof(escape), "\\u%04x", c);
	else
		snprintf(escape, sizeof(escape), "\\x%02x", c);
	accesslog_put(line, escape);
}

void
accesslog_put_escaped(struct accesslog_line *line, struct slice text)
{
	const char *start = line->at;

	for (size_t i = 0; i < text.len && !line->is_full; i++) {
		if (line->at - start > FIELD_MAX_BYTES) {
			accesslog_put(line, "...");
			return;
		}
		put_octet(line, text.data[i]);
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

struct slice
accesslog_request_field(const struct accesslog_entry *entry, const char *name)
{
	const struct http_field *field;

	field = fields_find(entry->head->fields, entry->head->field_count,
	    name);
	return field ? field->value : (struct slice){ NULL, 0 };
}
