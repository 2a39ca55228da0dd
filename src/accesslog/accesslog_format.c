/*
 * Lines by a format: text with directives.
 *
 * SPDX-License-Identifier: ISC
 */
#include "accesslog/internal.h"

#include <string.h>
#include <unistd.h>

#include "accesslog/accesslog.h"
#include "http/fields.h"
#include "http/head.h"
#include "message/response.h"

/* A field's name in a format. */
#define NAME_MAX_BYTES 64

static void
put_request(struct accesslog_line *line, const struct http_head *head)
{
	if (head->method.len == 0) {
		accesslog_put(line, "-");
		return;
	}
	accesslog_put_escaped(line, head->method);
	if (head->target.len > 0) {
		accesslog_put(line, " ");
		accesslog_put_escaped(line, head->target);
	}
	if (head->major > 0) {
		accesslog_put(line, " ");
		accesslog_put_protocol(line, head);
	}
}

static struct slice
response_field_value(const struct accesslog_entry *entry, const char *name)
{
	const char *value = NULL;

	if (entry->response)
		value = response_field(entry->response, name);
	return value ? slice_from_string(value) : (struct slice){ NULL, 0 };
}

static void
put_field(struct accesslog_line *line, struct slice value)
{
	if (value.len == 0)
		accesslog_put(line, "-");
	else
		accesslog_put_escaped(line, value);
}

typedef void put_directive(struct accesslog_line *line,
    const struct accesslog_entry *entry);

static void
put_percent(struct accesslog_line *line, const struct accesslog_entry *entry)
{
	(void)entry;
	accesslog_put(line, "%");
}

static void
put_client(struct accesslog_line *line, const struct accesslog_entry *entry)
{
	accesslog_put_word(line, entry->client);
}

static void
put_nobody(struct accesslog_line *line, const struct accesslog_entry *entry)
{
	(void)entry;
	accesslog_put(line, "-");
}

static void
put_user(struct accesslog_line *line, const struct accesslog_entry *entry)
{
	accesslog_put_word(line, entry->user);
}

static void
put_begin(struct accesslog_line *line, const struct accesslog_entry *entry)
{
	accesslog_put_time(line, entry->time);
}

static void
put_request_line(struct accesslog_line *line,
    const struct accesslog_entry *entry)
{
	put_request(line, entry->head);
}

static void
put_method(struct accesslog_line *line, const struct accesslog_entry *entry)
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
	if (mark)
		length = (size_t)(mark - target.data);
	if (is_query)
		return slice_skip(target, length);
	target.len = length;
	return target;
}

static void
put_path(struct accesslog_line *line, const struct accesslog_entry *entry)
{
	put_field(line, target_part(entry, false));
}

static void
put_query(struct accesslog_line *line, const struct accesslog_entry *entry)
{
	accesslog_put_escaped(line, target_part(entry, true));
}

static void
put_version(struct accesslog_line *line, const struct accesslog_entry *entry)
{
	accesslog_put_protocol(line, entry->head);
}

static void
put_status(struct accesslog_line *line, const struct accesslog_entry *entry)
{
	accesslog_put_number(line, entry->status);
}

static void
put_bytes(struct accesslog_line *line, const struct accesslog_entry *entry)
{
	accesslog_put_number(line, (int64_t)entry->bytes);
}

static void
put_bytes_if_any(struct accesslog_line *line,
    const struct accesslog_entry *entry)
{
	if (entry->bytes == 0)
		accesslog_put(line, "-");
	else
		put_bytes(line, entry);
}

static void
put_microseconds(struct accesslog_line *line,
    const struct accesslog_entry *entry)
{
	accesslog_put_number(line, entry->duration_us);
}

static void
put_milliseconds(struct accesslog_line *line,
    const struct accesslog_entry *entry)
{
	accesslog_put_number(line, entry->duration_us / 1000);
}

static void
put_seconds(struct accesslog_line *line, const struct accesslog_entry *entry)
{
	accesslog_put_number(line, entry->duration_us / 1000000);
}

static void
put_host(struct accesslog_line *line, const struct accesslog_entry *entry)
{
	accesslog_put_word(line, entry->host);
}

static void
put_handler(struct accesslog_line *line, const struct accesslog_entry *entry)
{
	accesslog_put_word(line, entry->handler);
}

static void
put_route(struct accesslog_line *line, const struct accesslog_entry *entry)
{
	accesslog_put_word(line, entry->route);
}

static void
put_process(struct accesslog_line *line, const struct accesslog_entry *entry)
{
	(void)entry;
	accesslog_put_number(line, getpid());
}

/* None is the beginning of another. */
static const struct directive {
	const char *text; /* behind "%" */
	put_directive *put;
} directives[] = {
	{ "h", put_client },
	{ "a", put_client },
	{ "l", put_nobody },
	{ "u", put_user },
	{ "t", put_begin },
	{ "r", put_request_line },
	{ "s", put_status },
	{ ">s", put_status },
	{ "b", put_bytes_if_any },
	{ "B", put_bytes },
	{ "m", put_method },
	{ "U", put_path },
	{ "q", put_query },
	{ "H", put_version },
	{ "D", put_microseconds },
	{ "T", put_seconds },
	{ "{s}T", put_seconds },
	{ "{ms}T", put_milliseconds },
	{ "{us}T", put_microseconds },
	{ "v", put_host },
	{ "V", put_host },
	{ "R", put_handler },
	{ "{route}R", put_route },
	{ "P", put_process },
	{ "%", put_percent },
};

#define DIRECTIVES (sizeof(directives) / sizeof(directives[0]))

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

	if (**format != '{' || !end)
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
			if (!accesslog_is_plain((unsigned char)*start) &&
			    *start != '"')
				return start;
		} else if (!take_directive(&format) &&
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

void
accesslog_put_format(struct accesslog_line *line, const char *format,
    const struct accesslog_entry *entry)
{
	char name[NAME_MAX_BYTES], kind;

	while (*format != '\0') {
		const struct directive *directive;

		if (*format != '%') {
			accesslog_put_octets(line, format++, 1);
			continue;
		}
		format++;
		directive = take_directive(&format);
		if (directive)
			directive->put(line, entry);
		else if (!take_name(&format, name, &kind))
			return;
		else if (kind == 'i')
			put_field(line, accesslog_request_field(entry, name));
		else
			put_field(line, response_field_value(entry, name));
	}
}
