/*
 * The access log. See accesslog.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "accesslog.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fields.h"
#include "http.h"
#include "log.h"
#include "response.h"
#include "slice.h"

/* A write to a pipe of up to PIPE_BUF octets is never mixed with another
 * process's, and the line of a file must not be endless either. */
#define LINE_MAX_BYTES	4096

/* What a client sent is cut there and ends in "...": three such fields and the
 * rest of a line in combined format fit, so that no client can push its own
 * status out of the line. */
#define FIELD_MAX_BYTES	1200

/* A field's name in a format. */
#define NAME_MAX_BYTES	64

enum quoting {
	QUOTE_TEXT,			/* \xHH */
	QUOTE_JSON			/* \u00HH: octets as Latin-1 */
};

struct line {
	char *at, *end;
	bool is_full;			/* something did not fit */
	enum quoting quoting;
};

/* A piece is written whole or not at all, and nothing behind it then. */
static void
put_piece(struct line *line, const char *text, size_t length)
{
	if (length > (size_t)(line->end - line->at))
		line->is_full = true;
	if (!line->is_full)
		line->at = mempcpy(line->at, text, length);
}

static void
put(struct line *line, const char *text)
{
	put_piece(line, text, strlen(text));
}

static void
put_number(struct line *line, int64_t number)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRId64, number);
	put(line, digits);
}

static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void
put_octet(struct line *line, char octet)
{
	unsigned char c = (unsigned char)octet;
	char escape[8];

	if (is_plain(c)) {
		put_piece(line, &octet, 1);
		return;
	}
	if (c == '"' || c == '\\')
		snprintf(escape, sizeof(escape), "\\%c", c);
	else if (line->quoting == QUOTE_JSON)
		snprintf(escape, sizeof(escape), "\\u%04x", c);
	else
		snprintf(escape, sizeof(escape), "\\x%02x", c);
	put(line, escape);
}

static void
put_escaped(struct line *line, struct slice text)
{
	const char *start = line->at;

	for (size_t i = 0; i < text.len && !line->is_full; i++) {
		if (line->at - start > FIELD_MAX_BYTES) {
			put(line, "...");
			return;
		}
		put_octet(line, text.data[i]);
	}
}

static void
put_string(struct line *line, const char *text)
{
	put_escaped(line, slice_from_string(text));
}

/* Text that stands between spaces: none within, and never nothing. */
static void
put_word(struct line *line, const char *text)
{
	if (text == NULL || *text == '\0') {
		put(line, "-");
		return;
	}
	for (; *text != '\0'; text++) {
		if (*text == ' ')
			put(line, "\\x20");
		else
			put_escaped(line, (struct slice){ text, 1 });
	}
}

/* Made once a second, in either form. */
static void
put_time(struct line *line, int64_t seconds)
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
		if (localtime_r(&t, &tm) != NULL)
			n = strftime(made[json].text, sizeof(made[json].text),
			    json ? "%Y-%m-%dT%H:%M:%S%z" :
			    "[%d/%b/%Y:%H:%M:%S %z]", &tm);
		if (n == 0)
			strcpy(made[json].text, "-");
		made[json].is_made = true;
		made[json].seconds = seconds;
	}
	put(line, made[json].text);
}

static void
put_protocol(struct line *line, const struct http_head *head)
{
	char text[32];

	snprintf(text, sizeof(text), "HTTP/%d.%d", head->major, head->minor);
	put(line, text);
}

static void
put_request(struct line *line, const struct http_head *head)
{
	if (head->method.len == 0) {
		put(line, "-");
		return;
	}
	put_escaped(line, head->method);
	if (head->target.len > 0) {
		put(line, " ");
		put_escaped(line, head->target);
	}
	if (head->major > 0) {
		put(line, " ");
		put_protocol(line, head);
	}
}

static struct slice
request_field(const struct accesslog_entry *entry, const char *name)
{
	const struct http_field *field;

	field = fields_find(entry->head->fields, entry->head->field_count,
	    name);
	return field != NULL ? field->value : (struct slice){ NULL, 0 };
}

static struct slice
response_field_value(const struct accesslog_entry *entry, const char *name)
{
	const char *value = NULL;

	if (entry->response != NULL)
		value = response_field(entry->response, name);
	return value != NULL ? slice_from_string(value) :
	    (struct slice){ NULL, 0 };
}

static void
put_field(struct line *line, struct slice value)
{
	if (value.len == 0)
		put(line, "-");
	else
		put_escaped(line, value);
}

/* Takes "{Name}i" off the format. False when it is none. */
static bool
take_name(const char **format, char name[NAME_MAX_BYTES], char *kind)
{
	const char *end = strchr(*format, '}');
	size_t length;

	if (**format != '{' || end == NULL)
		return false;
	length = (size_t)(end - *format) - 1;
	if (length == 0 || length >= NAME_MAX_BYTES)
		return false;
	memcpy(name, *format + 1, length);
	name[length] = '\0';
	*kind = end[1];
	if (*kind != 'i' && *kind != 'o')
		return false;
	*format = end + 2;
	return fields_is_token(slice_from_string(name));
}

static void
put_directive(struct line *line, char directive,
    const struct accesslog_entry *entry)
{
	switch (directive) {
	case '%':
		put(line, "%");
		break;
	case 'h':
		put_word(line, entry->client);
		break;
	case 'l':
		put(line, "-");
		break;
	case 'u':
		put_word(line, entry->user);
		break;
	case 't':
		put_time(line, entry->time);
		break;
	case 'r':
		put_request(line, entry->head);
		break;
	case 'm':
		put_field(line, entry->head->method);
		break;
	case 'U':
		put_field(line, entry->head->target);
		break;
	case 'H':
		put_protocol(line, entry->head);
		break;
	case 's':
		put_number(line, entry->status);
		break;
	case 'b':
	case 'B':
		if (entry->bytes == 0 && directive == 'b')
			put(line, "-");
		else
			put_number(line, (int64_t)entry->bytes);
		break;
	case 'D':
		put_number(line, entry->duration_us);
		break;
	case 'V':
		put_word(line, entry->host);
		break;
	default:
		assert(!"a format that was checked");
	}
}

const char *
accesslog_check_format(const char *format)
{
	char name[NAME_MAX_BYTES], kind;

	if (strcmp(format, ACCESSLOG_JSON) == 0)
		return NULL;
	while (*format != '\0') {
		const char *start = format;

		if (*format++ != '%') {
			if (!is_plain((unsigned char)*start) && *start != '"')
				return start;
		} else if (*format == '{') {
			if (!take_name(&format, name, &kind))
				return start;
		} else if (*format == '\0' ||
		    strchr("%hlutrmUHsbBDV", *format++) == NULL) {
			return start;
		}
	}
	return NULL;
}

static void
put_format(struct line *line, const char *format,
    const struct accesslog_entry *entry)
{
	char name[NAME_MAX_BYTES], kind;

	while (*format != '\0') {
		if (*format != '%') {
			put_piece(line, format++, 1);
			continue;
		}
		format++;
		if (*format != '{')
			put_directive(line, *format++, entry);
		else if (!take_name(&format, name, &kind))
			return;
		else if (kind == 'i')
			put_field(line, request_field(entry, name));
		else
			put_field(line, response_field_value(entry, name));
	}
}

static void
put_member(struct line *line, const char *name, struct slice value)
{
	put(line, ",\"");
	put(line, name);
	put(line, "\":\"");
	put_escaped(line, value);
	put(line, "\"");
}

static void
put_json(struct line *line, const struct accesslog_entry *entry)
{
	line->quoting = QUOTE_JSON;
	put(line, "{\"time\":\"");
	put_time(line, entry->time);
	put(line, "\",\"status\":");
	put_number(line, entry->status);
	put(line, ",\"bytes\":");
	put_number(line, (int64_t)entry->bytes);
	put(line, ",\"duration_us\":");
	put_number(line, entry->duration_us);
	put(line, ",\"client\":\"");
	put_string(line, entry->client);
	put(line, "\"");
	if (entry->user != NULL)
		put_member(line, "user", slice_from_string(entry->user));
	if (entry->host != NULL)
		put_member(line, "host", slice_from_string(entry->host));
	put_member(line, "method", entry->head->method);
	put(line, ",\"protocol\":\"");
	put_protocol(line, entry->head);
	put(line, "\"");
	put_member(line, "target", entry->head->target);
	put_member(line, "referer", request_field(entry, "Referer"));
	put_member(line, "user_agent", request_field(entry, "User-Agent"));
}

/* Cuts a JSON line where it is too long so that it still is JSON: members are
 * written in order, and whole ones only kept. */
static char *
end_of_last_member(char *start, char *end)
{
	char *at, *last = start;
	bool in_string = false;

	for (at = start; at < end; at++) {
		if (in_string && *at == '\\')
			at++;
		else if (*at == '"')
			in_string = !in_string;
		else if (*at == ',' && !in_string)
			last = at;
	}
	return last;
}

size_t
accesslog_format_line(char *text, size_t size, const char *format,
    const struct accesslog_entry *entry)
{
	struct line line = { .at = text, .end = text + size - 2 };

	assert(size >= ACCESSLOG_MIN_BYTES);
	if (strcmp(format, ACCESSLOG_JSON) == 0) {
		put_json(&line, entry);
		if (line.is_full)
			line.at = end_of_last_member(text, line.end);
		*line.at++ = '}';
	} else {
		put_format(&line, format, entry);
	}
	*line.at++ = '\n';
	return (size_t)(line.at - text);
}

void
accesslog_write(int fd, const char *format,
    const struct accesslog_entry *entry)
{
	char line[LINE_MAX_BYTES];
	size_t length = accesslog_format_line(line, sizeof(line), format,
	    entry);
	ssize_t n = write(fd, line, length);

	log_debug("write(%d) = %zd", fd, n);
	if (n < 0)
		log_error("cannot write to the access log: %m");
}
