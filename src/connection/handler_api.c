/*
 * The functions of the handler API. They check the arguments of a handler and
 * leave the work to request, body, response, sender and handler_*. See
 * handler_api.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "connection/handler_api.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <prong/handler.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/scoreboard.h"
#include "config/route.h"
#include "connection/handler_facts.h"
#include "connection/handler_file.h"
#include "connection/handler_kept.h"
#include "connection/handler_log.h"
#include "connection/handler_state.h"
#include "connection/handler_stats.h"
#include "message/channel.h"
#include "message/request.h"

/* A day. */
#define MAX_PAUSE_MS 86400000

static struct request *
of(struct prong_request *request)
{
	return (struct request *)request;
}

/* The request. */

static const char *
get_method(struct prong_request *request)
{
	return of(request)->head->method.data;
}

static const char *
get_target(struct prong_request *request)
{
	return of(request)->target_text.data;
}

static const char *
get_path(struct prong_request *request)
{
	const char *path = of(request)->path;

	return path ? path : "";
}

static const char *
get_path_info(struct prong_request *request)
{
	return request_path_info(of(request));
}

static const char *
get_route(struct prong_request *request)
{
	const struct route *route = of(request)->route;

	return route ? route->path : "";
}

static const char *
get_query_string(struct prong_request *request)
{
	const struct uri_target *target = &of(request)->target;

	if (!target->has_query)
		return NULL;
	/* The query is the end of the target, which a NUL follows. */
	return target->query.len > 0 ? target->query.data : "";
}

static const char *
get_query(struct prong_request *request, const char *name)
{
	return request_query(of(request), name);
}

static const char *
get_field(struct prong_request *request, const char *name)
{
	return request_field(of(request), name);
}

static int32_t
get_field_at(struct prong_request *request, uint64_t index, const char **name,
    const char **value)
{
	const struct http_head *head = of(request)->head;
	const struct http_field *field;

	if (index >= head->field_count)
		return 0;
	field = &head->fields[index];
	*name = field->name.data;
	*value = field->value.len > 0 ? field->value.data : "";
	return 1;
}

static const char *
get_protocol(struct prong_request *public)
{
	struct request *request = of(public);
	char text[32];

	if (!request->protocol) {
		int n = snprintf(text, sizeof(text), "HTTP/%d.%d",
		    request->head->major, request->head->minor);

		request->protocol = arena_copy(&request->channel->arena, text,
		    (size_t)n);
	}
	return request->protocol ? request->protocol : "HTTP/1.1";
}

static const char *
get_scheme(struct prong_request *request)
{
	return of(request)->channel->facts.secure ? "https" : "http";
}

static const char *
get_host(struct prong_request *request)
{
	return request_host(of(request));
}

static const char *
address_text(struct request *request, const struct address *address,
    int32_t *port)
{
	char text[ADDRESS_TEXT_BYTES];
	const char *copy;

	if (port)
		*port = address_port(address);
	address_format_host(address, text);
	copy = arena_copy(&request->channel->arena, text, strlen(text));
	return copy ? copy : "";
}

static const char *
get_client(struct prong_request *request, int32_t *port)
{
	return address_text(of(request), &of(request)->channel->facts.client,
	    port);
}

static const char *
get_server(struct prong_request *request, int32_t *port)
{
	return address_text(of(request), channel_server(of(request)->channel),
	    port);
}

static const char *
get_request_id(struct prong_request *request)
{
	return request_id(of(request));
}

static int64_t
get_body_length(struct prong_request *request)
{
	const struct http_head *head = of(request)->head;

	if (head->chunked)
		return -1;
	return head->content_length > 0 ? head->content_length : 0;
}

static int64_t
read_body(struct prong_request *request, void *buffer, uint64_t size)
{
	return body_read(&of(request)->body, buffer, (size_t)size,
	    !of(request)->response.is_begun);
}

/* The response. */

static void
set_status(struct prong_request *request, int32_t status)
{
	struct response *response = &of(request)->response;

	if (status < 200 || status > 599) {
		handler_log_misuse(of(request), "set a status that is none");
		status = 500;
	}
	response_set_status(response, status);
}

static int32_t
set_field(struct prong_request *request, const char *name, const char *value)
{
	return response_set_field(&of(request)->response, name, value, false);
}

static int32_t
add_field(struct prong_request *request, const char *name, const char *value)
{
	return response_set_field(&of(request)->response, name, value, true);
}

static void
set_etag(struct prong_request *request, const char *tag, int32_t weak)
{
	if (of(request)->response.is_begun)
		return;
	if (response_set_etag(&of(request)->response, tag, weak != 0) < 0)
		handler_log_misuse(of(request),
		    "set an entity tag that is none");
}

static void
set_last_modified(struct prong_request *request, int64_t seconds)
{
	response_set_last_modified(&of(request)->response, seconds);
}

static void
set_length(struct prong_request *request, uint64_t bytes)
{
	if (of(request)->response.is_begun)
		return;
	if (bytes > INT64_MAX) {
		handler_log_misuse(of(request),
		    "promised a length that is too large");
		return;
	}
	response_set_length(&of(request)->response, bytes);
}

static int32_t
write_content(struct prong_request *request, const void *data, uint64_t length)
{
	return sender_write(&of(request)->sender, data, (size_t)length);
}

__attribute__((__format__(__printf__, 2, 0))) static int32_t
format_content(struct prong_request *request, const char *format, va_list ap)
{
	return sender_format(&of(request)->sender, format, ap);
}

static int32_t
write_file(struct prong_request *request, int32_t fd, uint64_t offset,
    uint64_t length)
{
	return sender_file(&of(request)->sender, fd, offset, length);
}

static int32_t
flush_content(struct prong_request *request)
{
	return sender_flush(&of(request)->sender);
}

/* Memory, notes, log, files. */

static void *
allocate(struct prong_request *request, uint64_t size)
{
	return arena_alloc(&of(request)->channel->arena, (size_t)size);
}

static void *
get_state(struct prong_request *public)
{
	struct request *request = of(public);

	return handler_state_of(request->channel->configuration,
	    request->handler);
}

static const char *
get_note(struct prong_request *request, const char *name)
{
	return request_note(of(request), name);
}

static int32_t
set_note(struct prong_request *request, const char *name, const char *value)
{
	return request_set_note(of(request), name, value);
}

__attribute__((__format__(__printf__, 3, 0))) static void
log_line(struct prong_request *request, int32_t level, const char *format,
    va_list ap)
{
	handler_log_request(of(request), level, format, ap);
}

static int32_t
open_path(struct prong_request *request, const char *path, int32_t flags)
{
	return handler_file_open(of(request), path, flags);
}

static int32_t
may_move(struct prong_request *request)
{
	return request_may_move(of(request));
}

static int32_t
pause_handler(struct prong_request *request, uint64_t ms)
{
	return netio_pause(&of(request)->channel->io,
	    ms < MAX_PAUSE_MS ? (int64_t)ms : MAX_PAUSE_MS);
}

static void
retire(struct prong_request *request)
{
	struct channel *channel = of(request)->channel;

	channel->page->is_retired = true;
	/* A process that serves no other client ends with the connection. */
	if (!channel->is_reused && !channel->is_shared)
		sender_close_after(&of(request)->sender);
}

static const struct prong_request_api api = { .size = sizeof(api),
	.method = get_method,
	.target = get_target,
	.path = get_path,
	.path_info = get_path_info,
	.route = get_route,
	.query_string = get_query_string,
	.query = get_query,
	.request_field = get_field,
	.request_field_at = get_field_at,
	.protocol = get_protocol,
	.scheme = get_scheme,
	.host = get_host,
	.client = get_client,
	.server = get_server,
	.body_length = get_body_length,
	.read = read_body,
	.status = set_status,
	.field = set_field,
	.field_add = add_field,
	.etag = set_etag,
	.last_modified = set_last_modified,
	.length = set_length,
	.write = write_content,
	.vprintf = format_content,
	.file = write_file,
	.flush = flush_content,
	.alloc = allocate,
	.state = get_state,
	.note = get_note,
	.set_note = set_note,
	.vlog = log_line,
	.open = open_path,
	HANDLER_STATS_TABLE,
	.may_move = may_move,
	.pause = pause_handler,
	.retire = retire,
	.turn = handler_kept_turn,
	.lend = handler_kept_lend,
	.lend_file = handler_kept_lend_file,
	.prepare = handler_kept_prepare,
	.prepared = handler_kept_prepared,
	.request_id = get_request_id,
	.facts = handler_facts,
	.uncount = handler_facts_uncount };

const struct prong_request_api *
handler_api_table(void)
{
	return &api;
}
