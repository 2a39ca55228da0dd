/*
 * The access log: one line for each request, written whole (logline.h). Whatever
 * octets a client sends, they end up as printable ASCII inside their own field:
 * quotes, backslashes and all others are escaped.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_ACCESSLOG_ACCESSLOG_H
#define PRONG_ACCESSLOG_ACCESSLOG_H

#include <stddef.h>
#include <stdint.h>

struct http_head;
struct response;

struct accesslog_entry {
	const char *client;	     /* address, without port */
	const char *user;	     /* NULL: unknown */
	const char *host;	     /* asked for; NULL: unknown */
	const char *route, *handler; /* which answered; NULL: none */
	int64_t time;		     /* seconds since 1970 */
	int64_t duration_us;
	int status;
	uint64_t bytes; /* of content sent */
	const struct http_head *head;
	const struct response *response;
};

/* Formats beside those of the administrator's own. */
#define ACCESSLOG_COMBINED \
	"%h %l %u %t \"%r\" %s %b \"%{Referer}i\" \"%{User-Agent}i\""
#define ACCESSLOG_COMMON "%h %l %u %t \"%r\" %s %b"
#define ACCESSLOG_JSON	 "json"

/*
 * A format is text with directives as Apache has them; prongd.conf(5) says
 * which and what they stand for. "json" is a line of JSON. Returns NULL, or where it
 * is wrong.
 */
const char *accesslog_check_format(const char *format);

/* All directives, divided by spaces: for messages. */
const char *accesslog_directives(void);

/* The format that "combined" and "common" stand for, or text itself. */
const char *accesslog_format_of(const char *text);

/* Writes a line with its LF; its length is returned, at most size. Fields that
 * would make it longer are cut. size is at least ACCESSLOG_MIN_BYTES. */
size_t accesslog_format_line(char *line, size_t size, const char *format,
    const struct accesslog_entry *entry);

#define ACCESSLOG_MIN_BYTES 256

/* Writes the line to the log, which logline_open has seen. 0, or -1 and errno:
 * it was dropped, and nobody has said so yet. */
int accesslog_write(int fd, const char *format,
    const struct accesslog_entry *entry);

#endif
