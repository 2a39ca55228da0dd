/*
 * The contract's functions. Each is a line or two: what they say is done by
 * request, body, response and sender. See contract.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "contract.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <prong/handler.h>

#include "address.h"
#include "arena.h"
#include "configuration.h"
#include "connection.h"
#include "landlock.h"
#include "log.h"
#include "permission.h"
#include "request.h"
#include "scoreboard.h"
#include "sender.h"

/* What a handler has in this process. */
struct instance {
	void *state;
	bool is_prepared, has_failed;
};

static struct instance *instances;	/* by handler->index */

struct child {
	struct prong_child public;
	const struct handler *handler;
};

static struct request *
of(struct prong_request *request)
{
	return (struct request *)request;
}

static struct instance *
instance_of(const struct configuration *configuration,
    const struct handler *handler)
{
	if (instances == NULL)
		instances = calloc(configuration->handler_count,
		    sizeof(*instances));
	return instances == NULL ? NULL : &instances[handler->index];
}

static void *
state_of(struct instance *instance, const struct handler *handler)
{
	if (instance == NULL || handler->plugin->state_size == 0)
		return NULL;
	if (instance->state == NULL)
		instance->state = calloc(1, handler->plugin->state_size);
	return instance->state;
}

/* What was asked for. */

static const char *
get_method(struct prong_request *request)
{
	return of(request)->head.method.data;
}

static const char *
get_target(struct prong_request *request)
{
	return of(request)->head.target.data;
}

static const char *
get_path(struct prong_request *request)
{
	const char *path = of(request)->path;

	return path != NULL ? path : "";
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

	return route != NULL ? route->path : "";
}

static const char *
get_query_string(struct prong_request *request)
{
	const struct uri_target *target = &of(request)->target;

	if (!target->has_query)
		return NULL;
	/* The last part of the target, which ends in NUL. */
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
	const struct http_head *head = &of(request)->head;
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

	if (request->protocol == NULL) {
		int n = snprintf(text, sizeof(text), "HTTP/%d.%d",
		    request->head.major, request->head.minor);

		request->protocol = arena_copy(request->arena, text,
		    (size_t)n);
	}
	return request->protocol != NULL ? request->protocol : "HTTP/1.1";
}

static const char *
get_scheme(struct prong_request *request)
{
	return of(request)->door->secure ? "https" : "http";
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

	if (port != NULL)
		*port = address_port(address);
	address_format_host(address, text);
	copy = arena_copy(request->arena, text, strlen(text));
	return copy != NULL ? copy : "";
}

static const char *
get_client(struct prong_request *request, int32_t *port)
{
	return address_text(of(request), &of(request)->door->client, port);
}

static const char *
get_server(struct prong_request *request, int32_t *port)
{
	return address_text(of(request), connection_server(of(request)->door),
	    port);
}

static int64_t
get_body_length(struct prong_request *request)
{
	const struct http_head *head = &of(request)->head;

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

/* The answer. */

/* Names the handler whose bug it is. */
static void
log_misuse(const struct request *request, const char *what)
{
	const struct handler *handler = request->handler;

	log_error("handler %s of route %s %s",
	    handler != NULL ? handler->name : "-",
	    request->route != NULL ? request->route->path : "-", what);
}

static void
set_status(struct prong_request *request, int32_t status)
{
	struct response *response = &of(request)->response;

	if (status < 200 || status > 599) {
		log_misuse(of(request), "set a status that is none");
		status = 500;
	}
	if (response->is_begun)
		return;
	response->status = status;
	response->has_status = true;
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
		log_misuse(of(request), "set an entity tag that is none");
}

static void
set_last_modified(struct prong_request *request, int64_t seconds)
{
	if (of(request)->response.is_begun)
		return;
	of(request)->response.has_last_modified = true;
	of(request)->response.last_modified = seconds;
}

static void
set_length(struct prong_request *request, uint64_t bytes)
{
	if (of(request)->response.is_begun)
		return;
	if (bytes > INT64_MAX) {
		log_misuse(of(request), "promised a length that is none");
		return;
	}
	of(request)->response.has_length = true;
	of(request)->response.length = bytes;
}

static int32_t
write_content(struct prong_request *request, const void *data, uint64_t length)
{
	return sender_write(&of(request)->response, data, (size_t)length);
}

__attribute__((__format__(__printf__, 2, 0)))
static int32_t
format_content(struct prong_request *request, const char *format, va_list ap)
{
	return sender_format(&of(request)->response, format, ap);
}

static int32_t
write_file(struct prong_request *request, int32_t fd, uint64_t offset,
    uint64_t length)
{
	return sender_file(&of(request)->response, fd, offset, length);
}

static int32_t
flush_content(struct prong_request *request)
{
	return sender_flush(&of(request)->response);
}

/* Memory, notes, log, files. */

static void *
allocate(struct prong_request *request, uint64_t size)
{
	return arena_alloc(of(request)->arena, (size_t)size);
}

static void *
get_state(struct prong_request *public)
{
	struct request *request = of(public);

	return state_of(instance_of(request->configuration, request->handler),
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

static enum log_level
level_of(int32_t level)
{
	switch (level) {
	case PRONG_LOG_ERROR:
		return LEVEL_ERROR;
	case PRONG_LOG_WARNING:
		return LEVEL_WARNING;
	case PRONG_LOG_DEBUG:
		return LEVEL_DEBUG;
	case PRONG_LOG_INFO:
	default:
		return LEVEL_INFO;
	}
}

__attribute__((__format__(__printf__, 2, 3)))
static void
log_at(enum log_level level, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	log_message(level, format, ap);
	va_end(ap);
}

__attribute__((__format__(__printf__, 3, 0)))
/* Apart from its caller, whose stack a line that is not logged leaves alone. */
static __attribute__((__noinline__, __format__(__printf__, 3, 0))) void
log_line_of(const struct request *request, enum log_level level,
    const char *format, va_list ap)
{
	char text[1024], line[256];

	vsnprintf(text, sizeof(text), format, ap);
	log_at(level, "%s of %s: %s (%s \"%s\")", request->handler->name,
	    request->route->path, text, request->client,
	    request_line(request, line, sizeof(line)));
}

__attribute__((__format__(__printf__, 3, 0)))
static void
log_of_request(struct prong_request *public, int32_t level,
    const char *format, va_list ap)
{
	if (log_enabled(level_of(level)))
		log_line_of(of(public), level_of(level), format, ap);
}

static unsigned
access_of(int32_t flags)
{
	if (flags & O_DIRECTORY)
		return LANDLOCK_MAY_READ | LANDLOCK_MAY_LIST;
	if ((flags & O_ACCMODE) == O_RDONLY)
		return LANDLOCK_MAY_READ |
		    (flags & (O_CREAT | O_TRUNC) ? LANDLOCK_MAY_WRITE : 0);
	return LANDLOCK_MAY_WRITE |
	    ((flags & O_ACCMODE) == O_RDWR ? LANDLOCK_MAY_READ : 0);
}

/* Whether the file's own permissions would have let it be opened: the kernel's
 * rules of the sandbox do not bear on access(2). */
static bool
would_open(const char *path, unsigned access)
{
	int mode = (access & LANDLOCK_MAY_READ ? R_OK : 0) |
	    (access & LANDLOCK_MAY_WRITE ? W_OK : 0);
	char *slash, *folder;
	bool result;

	if (faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0)
		return true;
	if (errno != ENOENT || !(access & LANDLOCK_MAY_WRITE))
		return false;
	/* To be created. */
	folder = strdup(path);
	slash = folder != NULL ? strrchr(folder, '/') : NULL;
	if (slash != NULL)
		slash[slash == folder ? 1 : 0] = '\0';
	result = slash != NULL &&
	    faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0;
	free(folder);
	return result;
}

static void
log_refused_open(const struct request *request, const char *path,
    int32_t flags)
{
	unsigned access = access_of(flags);
	char clause[256], line[256];

	if (!log_enabled(LEVEL_WARNING) || !would_open(path, access))
		return;
	log_warning("%s of %s: the sandbox keeps %s from being %s; %s (%s "
	    "\"%s\")", request->handler->name, request->route->path, path,
	    access & LANDLOCK_MAY_WRITE ? "written" : "read",
	    permissions_explain(request->handler, path, access, clause,
	    sizeof(clause)), request->client,
	    request_line(request, line, sizeof(line)));
}

static int32_t
open_path(struct prong_request *request, const char *path, int32_t flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK, 0666);
	int saved = errno;

	if (fd >= 0) {
		log_debug("open(\"%s\") = %d", path, fd);
		return fd;
	}
	log_debug("open(\"%s\") = -1 (%m)", path);
	if (saved == EACCES)
		log_refused_open(of(request), path, flags);
	errno = saved;
	return -1;
}

/* A plugin built for an older header has a shorter structure. */
static void
copy_part(void *out, uint64_t size, const void *whole, size_t whole_size)
{
	memcpy(out, whole, size < whole_size ? (size_t)size : whole_size);
}

static int32_t
get_server_stats(struct prong_request *request,
    struct prong_server_stats *stats, uint64_t size)
{
	struct prong_server_stats all = { 0 };

	(void)request;
	if (scoreboard_server_stats(&all) < 0)
		return -1;
	copy_part(stats, size, &all, sizeof(all));
	return 0;
}

static int32_t
get_connection_stats(struct prong_request *request, uint64_t *cursor,
    struct prong_connection_stats *stats, uint64_t size)
{
	struct prong_connection_stats all = { 0 };
	int result;

	(void)request;
	result = scoreboard_connection_stats(cursor, &all);
	if (result > 0)
		copy_part(stats, size, &all, sizeof(all));
	return result;
}

static int32_t
get_handler_stats(struct prong_request *request, uint64_t *cursor,
    struct prong_handler_stats *stats, uint64_t size)
{
	struct prong_handler_stats all = { 0 };
	int32_t result;

	(void)request;
	result = scoreboard_handler_stats(cursor, &all);
	if (result > 0)
		copy_part(stats, size, &all, sizeof(all));
	return result;
}

const struct prong_request_api *
contract_request_api(void)
{
	static const struct prong_request_api api = {
		.size = sizeof(api),
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
		.vlog = log_of_request,
		.open = open_path,
		.server_stats = get_server_stats,
		.connection_stats = get_connection_stats,
		.handler_stats = get_handler_stats
	};

	return &api;
}

/* Before the first request. */

static struct child *
child_of(struct prong_child *child)
{
	return (struct child *)child;
}

static void *
get_child_state(struct prong_child *child)
{
	const struct handler *handler = child_of(child)->handler;

	return state_of(&instances[handler->index], handler);
}

__attribute__((__format__(__printf__, 3, 0)))
static void
log_of_child(struct prong_child *child, int32_t level, const char *format,
    va_list ap)
{
	const struct handler *handler = child_of(child)->handler;
	char text[1024];

	if (!log_enabled(level_of(level)))
		return;
	vsnprintf(text, sizeof(text), format, ap);
	log_at(level_of(level), "%s of %s: %s", handler->name,
	    handler->route->path, text);
}

static const struct prong_child_api child_api = {
	.size = sizeof(child_api),
	.state = get_child_state,
	.vlog = log_of_child
};

int
contract_prepare_handler(const struct configuration *configuration,
    const struct handler *handler)
{
	struct instance *instance;
	struct child child = { { &child_api }, handler };

	/* State is made when it is asked for: to touch malloc's pages is dear in
	 * a process that has just been forked. */
	if (handler->plugin->child == NULL)
		return 0;
	instance = instance_of(configuration, handler);
	if (instance == NULL) {
		log_error("there is no memory for the handlers' state");
		return -1;
	}
	if (!instance->is_prepared) {
		instance->is_prepared = true;
		if (handler->plugin->child != NULL &&
		    handler->plugin->child(&child.public,
		    handler->config) != 0) {
			log_error("handler %s of route %s failed in its child "
			    "callback", handler->name, handler->route->path);
			instance->has_failed = true;
		}
	}
	return instance->has_failed ? -1 : 0;
}
