/*
 * The pieces of a line. Octets of a client become printable ASCII inside their
 * own field.
 *
 * SPDX-License-Identifier: ISC
 */
#include "accesslog/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "accesslog/accesslog.h"
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
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRId64, number);
	accesslog_put(line, digits);
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

/* Makes the text once a second, in either form. */
void
accesslog_put_time(struct accesslog_line *line, int64_t seconds)
{
	static struct {
		bool is_made;
		int64_t seconds;
		char text[64];
	} made[2];
	bool json = line->quoting == QUOTE_JSON;
	time_t t = (time_t)seconds;
	struct tm tm;
	size_t n = 0;

	if (!made[json].is_made || made[json].seconds != seconds) {
		if (localtime_r(&t, &tm))
			n = strftime(made[json].text, sizeof(made[json].text),
			    json ? "%Y-%m-%dT%H:%M:%S%z" :
				   "[%d/%b/%Y:%H:%M:%S %z]",
			    &tm);
		if (n == 0)
			strcpy(made[json].text, "-");
		made[json].is_made = true;
		made[json].seconds = seconds;
	}
	accesslog_put(line, made[json].text);
}

void
accesslog_put_protocol(struct accesslog_line *line,
    const struct http_head *head)
{
	char text[32];

	snprintf(text, sizeof(text), "HTTP/%d.%d", head->major, head->minor);
	accesslog_put(line, text);
}

struct slice
accesslog_request_field(const struct accesslog_entry *entry, const char *name)
{
	const struct http_field *field;

	field = fields_find(entry->head->fields, entry->head->field_count,
	    name);
	return field ? field->value : (struct slice){ NULL, 0 };
}
