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
#include "plugin/plugin_log.h"

/* Of the text and the suffix together, escaped: less than a line of the log has
 * behind its time and process, so that the suffix is never cut off. */
#define TEXT_MAX_BYTES 1000

/* Whether the suffix of a line might begin here: programs read the client of a
 * line there. */
static bool
looks_like_suffix(const char *text)
{
	size_t length = strcspn(text, " ");

	return *text == '(' && strncmp(text + length, " \"", 2) == 0;
}

/* Copies a text of a handler, which may have octets of a client, such as a
 * decoded path. An octet that the log would escape counts as four. */
static void
copy_text(char *to, const char *from)
{
	size_t room = TEXT_MAX_BYTES, octets;

	for (; *from != '\0'; from++, room -= octets) {
		bool is_plain = *from >= 0x20 && *from < 0x7f;
		bool is_quoted = looks_like_suffix(from);

		octets = is_plain && !is_quoted ? 1 : 4;
		if (octets > room)
			break;
		if (is_quoted)
			to = stpcpy(to, "\\x28");
		else
			*to++ = *from;
	}
	*to = '\0';
}

/* Not inlined: else the caller's frame would hold these buffers even when no
 * line is logged, and touch more pages. */
static __attribute__((__noinline__, __format__(__printf__, 3, 0))) void
log_line_of(const struct request *request, int32_t level, const char *format,
    va_list ap)
{
	char text[1024], safe[TEXT_MAX_BYTES + 1], line[256];

	vsnprintf(text, sizeof(text), format, ap);
	copy_text(safe, text);
	plugin_log(level, "%s of %s: %s (%s \"%s\")", request->handler->name,
	    request->route->path, safe, request->channel->client,
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
