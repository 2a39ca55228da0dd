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
#include "logline.h"
#include "response.h"
#include "slice.h"

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

/*
 * Directives.
 */

typedef void put_directive(struct line *line,
    const struct accesslog_entry *entry);

static void
put_percent(struct line *line, const struct accesslog_entry *entry)
{
	(void)entry;
	put(line, "%");
}

static void
put_client(struct line *line, const struct accesslog_entry *entry)
{
	put_word(line, entry->client);
}

static void
put_nobody(struct line *line, const struct accesslog_entry *entry)
{
	(void)entry;
	put(line, "-");
}

static void
put_user(struct line *line, const struct accesslog_entry *entry)
{
	put_word(line, entry->user);
}

static void
put_begin(struct line *line, const struct accesslog_entry *entry)
{
	put_time(line, entry->time);
}

static void
put_request_line(struct line *line, const struct accesslog_entry *entry)
{
	put_request(line, entry->head);
}

static void
put_method(struct line *line, const struct accesslog_entry *entry)
{
	put_field(line, entry->head->method);
}

/* The target up to its query, or its query with "?". */
static struct slice
target_part(const struct accesslog_entry *entry, bool is_query)
{
	struct slice target = entry->head->target;
	const char *mark = NULL;
	size_t length = target.len;

	if (target.len > 0)
		mark = memchr(target.data, '?', target.len);
	if (mark != NULL)
		length = (size_t)(mark - target.data);
	if (is_query)
		return slice_skip(target, length);
	target.len = length;
	return target;
}

static void
put_path(struct line *line, const struct accesslog_entry *entry)
{
	put_field(line, target_part(entry, false));
}

static void
put_query(struct line *line, const struct accesslog_entry *entry)
{
	put_escaped(line, target_part(entry, true));
}

static void
put_version(struct line *line, const struct accesslog_entry *entry)
{
	put_protocol(line, entry->head);
}

static void
put_status(struct line *line, const struct accesslog_entry *entry)
{
	put_number(line, entry->status);
}

static void
put_bytes(struct line *line, const struct accesslog_entry *entry)
{
	put_number(line, (int64_t)entry->bytes);
}

static void
put_bytes_if_any(struct line *line, const struct accesslog_entry *entry)
{
	if (entry->bytes == 0)
		put(line, "-");
	else
		put_bytes(line, entry);
}

static void
put_microseconds(struct line *line, const struct accesslog_entry *entry)
{
	put_number(line, entry->duration_us);
}

static void
put_milliseconds(struct line *line, const struct accesslog_entry *entry)
{
	put_number(line, entry->duration_us / 1000);
}

static void
put_seconds(struct line *line, const struct accesslog_entry *entry)
{
	put_number(line, entry->duration_us / 1000000);
}

static void
put_host(struct line *line, const struct accesslog_entry *entry)
{
	put_word(line, entry->host);
}

static void
put_handler(struct line *line, const struct accesslog_entry *entry)
{
	put_word(line, entry->handler);
}

static void
put_route(struct line *line, const struct accesslog_entry *entry)
{
	put_word(line, entry->route);
}

static void
put_process(struct line *line, const struct accesslog_entry *entry)
{
	(void)entry;
	put_number(line, getpid());
}

/* None is the beginning of another. */
static const struct directive {
	const char *text;		/* behind "%" */
	put_directive *put;
} directives[] = {
	{ "h", put_client }, { "a", put_client }, { "l", put_nobody },
	{ "u", put_user }, { "t", put_begin }, { "r", put_request_line },
	{ "s", put_status }, { ">s", put_status }, { "b", put_bytes_if_any },
	{ "B", put_bytes }, { "m", put_method }, { "U", put_path },
	{ "q", put_query }, { "H", put_version }, { "D", put_microseconds },
	{ "T", put_seconds }, { "{s}T", put_seconds },
	{ "{ms}T", put_milliseconds }, { "{us}T", put_microseconds },
	{ "v", put_host }, { "V", put_host }, { "R", put_handler },
	{ "{route}R", put_route }, { "P", put_process }, { "%", put_percent },
};

#define DIRECTIVES	(sizeof(directives) / sizeof(directives[0]))

/* Takes a directive off the format; NULL when it is none of these. */
static const struct directive *
take_directive(const char **format)
{
	for (size_t i = 0; i < DIRECTIVES; i++) {
		size_t length = strlen(directives[i].text);

		if (strncmp(*format, directives[i].text, length) == 0) {
			*format += length;
			return &directives[i];
		}
	}
	return NULL;
}

/* Takes "{Name}i" or "{Name}o" off the format. False when it is none. */
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
		} else if (take_directive(&format) == NULL &&
		    !take_name(&format, name, &kind)) {
			return start;
		}
	}
	return NULL;
}

const char *
accesslog_directives(void)
{
	static char text[DIRECTIVES * 12 + sizeof("%{Name}i %{Name}o")];
	char *at = text;

	for (size_t i = 0; i < DIRECTIVES; i++) {
		*at++ = '%';
		at = stpcpy(at, directives[i].text);
		*at++ = ' ';
	}
	strcpy(at, "%{Name}i %{Name}o");
	return text;
}

const char *
accesslog_format_of(const char *text)
{
	if (strcmp(text, "combined") == 0)
		return ACCESSLOG_COMBINED;
	if (strcmp(text, "common") == 0)
		return ACCESSLOG_COMMON;
	return text;
}

static void
put_format(struct line *line, const char *format,
    const struct accesslog_entry *entry)
{
	char name[NAME_MAX_BYTES], kind;

	while (*format != '\0') {
		const struct directive *directive;

		if (*format != '%') {
			put_piece(line, format++, 1);
			continue;
		}
		format++;
		directive = take_directive(&format);
		if (directive != NULL)
			directive->put(line, entry);
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
	if (entry->route != NULL)
		put_member(line, "route", slice_from_string(entry->route));
	if (entry->handler != NULL)
		put_member(line, "handler", slice_from_string(entry->handler));
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
			line.at = end_of_last_member(text, line.at);
		*line.at++ = '}';
	} else {
		put_format(&line, format, entry);
	}
	*line.at++ = '\n';
	return (size_t)(line.at - text);
}

int
accesslog_write(int fd, const char *format,
    const struct accesslog_entry *entry)
{
	char line[LOGLINE_MAX_BYTES];
	size_t length = accesslog_format_line(line, sizeof(line), format,
	    entry);
	int result = logline_write(fd, line, length);

	if (result == 0)
		log_debug("write(%d) = %zu", fd, length);
	else
		log_debug("write(%d) = -1: %m", fd);
	return result;
}
