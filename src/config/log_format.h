/*
 * The format of the access log's lines: text with directives like Apache's;
 * prongd.conf(5) lists them. Formats are checked and parsed here; the lines
 * are written in accesslog. Pure.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_LOG_FORMAT_H
#define PRONG_CONFIG_LOG_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* The formats that prong defines; the administrator can write others. */
#define LOG_FORMAT_COMBINED \
	"%h %l %u %t \"%r\" %s %b \"%{Referer}i\" \"%{User-Agent}i\""
#define LOG_FORMAT_COMMON "%h %l %u %t \"%r\" %s %b"
#define LOG_FORMAT_JSON	  "json" /* a line of JSON */

/* A piece of a format. The directives come first. */
enum log_piece {
	LOG_CLIENT,
	LOG_NOTHING, /* "-" */
	LOG_USER,
	LOG_TIME,
	LOG_REQUEST_LINE,
	LOG_STATUS,
	LOG_BYTES,
	LOG_BYTES_IF_ANY,
	LOG_METHOD,
	LOG_PATH,
	LOG_QUERY,
	LOG_PROTOCOL,
	LOG_MICROSECONDS,
	LOG_MILLISECONDS,
	LOG_SECONDS,
	LOG_HOST,
	LOG_HANDLER,
	LOG_ROUTE,
	LOG_PROCESS,
	LOG_ID,
	LOG_PERCENT,
	LOG_DIRECTIVES,	    /* their number */
	LOG_TEXT,	    /* copied into the line as it is */
	LOG_REQUEST_FIELD,  /* "%{Name}i" */
	LOG_RESPONSE_FIELD, /* "%{Name}o" */
	LOG_WRONG
};

/* A parsed format. A line is made of its pieces, one after the other. */
struct log_format {
	bool is_json;	/* it has no pieces */
	size_t clients; /* pieces that are LOG_CLIENT */
	size_t count;
	struct log_format_piece {
		enum log_piece piece;
		const char *text; /* the text, or the name of the field */
		size_t length;
	} pieces[];
};

/* Parses a format that log_format_check accepts. The result, and the texts of its
 * pieces, which end in NUL, lie in the arena. NULL: there is no memory. */
struct log_format *log_format_parse(const char *format, struct arena *arena);

/* NULL, or the position of the first error in the format. */
const char *log_format_check(const char *format);

/* All directives, divided by spaces: for messages. */
const char *log_format_directives(void);

/* The format of the name "combined" or "common", or text itself. */
const char *log_format_named(const char *text);

#endif
