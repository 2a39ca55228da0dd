/* SPDX-License-Identifier: ISC */
#include "connection/handler_log.h"

#include <stdio.h>

#include <prong/handler.h>

#include "base/log.h"
#include "config/handler.h"
#include "config/route.h"
#include "message/request.h"

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

__attribute__((__format__(__printf__, 2, 3))) static void
log_at(enum log_level level, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	log_message(level, format, ap);
	va_end(ap);
}

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

void
handler_log_request(const struct request *request, int32_t level,
    const char *format, va_list ap)
{
	if (log_enabled(level_of(level)))
		log_line_of(request, level_of(level), format, ap);
}

void
handler_log_child(const struct handler *handler, int32_t level,
    const char *format, va_list ap)
{
	char text[1024];

	if (!log_enabled(level_of(level)))
		return;
	vsnprintf(text, sizeof(text), format, ap);
	log_at(level_of(level), "%s of %s: %s", handler->name,
	    handler->route->path, text);
}

void
handler_log_misuse(const struct request *request, const char *what)
{
	const struct handler *handler = request->handler;

	log_error("handler %s of route %s %s", handler ? handler->name : "-",
	    request->route ? request->route->path : "-", what);
}
