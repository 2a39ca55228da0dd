/* SPDX-License-Identifier: ISC */
#include "connection/handler_log.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "config/handler.h"
#include "config/route.h"
#include "message/channel.h"
#include "message/request.h"
#include "message/request_id.h"
#include "plugin/plugin_log.h"

/* Octets of a line, escaped (base/log.h), that a message and a request line take
 * at most. So the end of the line is never cut. */
#define MESSAGE_MAX_BYTES 1024
#define REQUEST_MAX_BYTES 512

static void
cut(char *text, size_t max)
{
	size_t length = 0;

	for (; *text; text++) {
		length += *text >= 0x20 && *text < 0x7f ? 1 : 4;
		if (length >= max) {
			*text = '\0';
			return;
		}
	}
}

/* A line ends with ` (CLIENT "REQUEST")`, from which other programs take the
 * client. A message can contain octets of a request, decoded; where they look like
 * the beginning of that end, the bracket becomes another one. */
static void
spoil_imitations(char *text)
{
	char *at;

	for (at = strchr(text, '('); at; at = strchr(at + 1, '('))
		if (strncmp(at + strcspn(at, " "), " \"", 2) == 0)
			*at = '[';
}

/* Not inlined: else the caller's frame would hold these buffers even when no
 * line is logged, and touch more pages. */
static __attribute__((__noinline__, __format__(__printf__, 3, 0))) void
log_line_of(const struct request *request, int32_t level, const char *format,
    va_list ap)
{
	char text[MESSAGE_MAX_BYTES], line[256], id[REQUEST_ID_BYTES];

	vsnprintf(text, sizeof(text), format, ap);
	cut(text, sizeof(text));
	spoil_imitations(text);
	request_line(request, line, sizeof(line));
	cut(line, REQUEST_MAX_BYTES);
	plugin_log(level, "%s of %s: %s, id %s (%s \"%s\")",
	    request->handler->name, request->route->path, text,
	    request_id_write(request->channel, request->head, id),
	    request->channel->client, line);
}

void
handler_log_request(const struct request *request, int32_t level,
    const char *format, va_list ap)
{
	if (log_enabled(plugin_log_level(level)))
		log_line_of(request, level, format, ap);
}

void
handler_log_child(const struct handler *handler, int32_t level,
    const char *format, va_list ap)
{
	char text[1024];

	if (!log_enabled(plugin_log_level(level)))
		return;
	vsnprintf(text, sizeof(text), format, ap);
	spoil_imitations(text);
	plugin_log(level, "%s of %s: %s", handler->name, handler->route->path,
	    text);
}

void
handler_log_misuse(const struct request *request, const char *what)
{
	const struct handler *handler = request->handler;
	char id[REQUEST_ID_BYTES];

	log_error("handler %s of route %s %s; request %s",
	    handler ? handler->name : "-",
	    request->route ? request->route->path : "-", what,
	    request_id_write(request->channel, request->head, id));
}
