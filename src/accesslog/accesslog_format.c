/*
 * Lines by the administrator's format: text with directives.
 *
 * SPDX-License-Identifier: ISC
 */
#include "accesslog/internal.h"

#include <string.h>
#include <unistd.h>

#include "accesslog/accesslog.h"
#include "config/log_format.h"
#include "http/head.h"
#include "message/response.h"

static void
put_request(struct accesslog_line *line, const struct accesslog_entry *entry)
{
	const struct http_head *head = entry->head;

	if (head->method.len == 0) {
		accesslog_put(line, "-");
		return;
	}
	accesslog_put_escaped(line, head->method);
	if (entry->target.len > 0) {
		accesslog_put(line, " ");
		accesslog_put_escaped(line, entry->target);
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
	if (strcmp(entry->client, ACCESSLOG_CLIENT) == 0)
		accesslog_put(line, ACCESSLOG_CLIENT);
	else
		accesslog_put_word(line, entry->client);
}

static void
put_dash(struct accesslog_line *line, const struct accesslog_entry *entry)
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
	put_request(line, entry);
}

static void
put_method(struct accesslog_line *line, const struct accesslog_entry *entry)
{
	put_field(line, entry->head->method);
}

/* The target without its query, or the query with its "?". */
static struct slice
target_part(const struct accesslog_entry *entry, bool is_query)
{
	struct slice target = entry->target;
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

static void
put_id(struct accesslog_line *line, const struct accesslog_entry *entry)
{
	accesslog_put_word(line, accesslog_id(entry));
}

static put_directive *const directives[LOG_DIRECTIVES] = {
	[LOG_CLIENT] = put_client,
	[LOG_NOTHING] = put_dash,
	[LOG_USER] = put_user,
	[LOG_TIME] = put_begin,
	[LOG_REQUEST_LINE] = put_request_line,
	[LOG_STATUS] = put_status,
	[LOG_BYTES_IF_ANY] = put_bytes_if_any,
	[LOG_BYTES] = put_bytes,
	[LOG_METHOD] = put_method,
	[LOG_PATH] = put_path,
	[LOG_QUERY] = put_query,
	[LOG_PROTOCOL] = put_version,
	[LOG_MICROSECONDS] = put_microseconds,
	[LOG_SECONDS] = put_seconds,
	[LOG_MILLISECONDS] = put_milliseconds,
	[LOG_HOST] = put_host,
	[LOG_HANDLER] = put_handler,
	[LOG_ROUTE] = put_route,
	[LOG_PROCESS] = put_process,
	[LOG_ID] = put_id,
	[LOG_PERCENT] = put_percent,
};

static void
put_piece(struct accesslog_line *line, const struct log_format_piece *piece,
    const struct accesslog_entry *entry)
{
	if (piece->piece < LOG_DIRECTIVES)
		directives[piece->piece](line, entry);
	else if (piece->piece == LOG_TEXT)
		accesslog_put_octets(line, piece->text, piece->length);
	else if (piece->piece == LOG_REQUEST_FIELD)
		put_field(line, accesslog_request_field(entry, piece->text));
	else if (piece->piece == LOG_RESPONSE_FIELD)
		put_field(line, response_field_value(entry, piece->text));
}

void
accesslog_put_format(struct accesslog_line *line,
    const struct log_format *format, const struct accesslog_entry *entry)
{
	size_t i;

	for (i = 0; i < format->count; i++)
		put_piece(line, &format->pieces[i], entry);
}
