/* SPDX-License-Identifier: ISC */
#include "connection/handler_log.h"

#include <stdio.h>

#include "base/log.h"
#include "config/handler.h"
#include "config/route.h"
#include "message/channel.h"
#include "message/request.h"
#include "plugin/plugin_log.h"

/* Not inlined: else the caller's frame would hold these buffers even when no
 * line is logged, and touch more pages. */
static __attribute__((__noinline__, __format__(__printf__, 3, 0))) void
log_line_of(const struct request *request, int32_t level, const char *format,
    va_list ap)
{
	char text[1024], line[256];

	vsnprintf(text, sizeof(text), format, ap);
	plugin_log(level, "%s of %s: %s (%s \"%s\")", request->handler->name,
	    request->route->path, text, request->channel->client,
	    request_line(request, line, sizeof(line)));
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
	plugin_log(level, "%s of %s: %s", handler->name, handler->route->path,
	    text);
}

void
handler_log_misuse(const struct request *request, const char *what)
{
	const struct handler *handler = request->handler;

	log_error("handler %s of route %s %s", handler ? handler->name : "-",
	    request->route ? request->route->path : "-", what);
}
