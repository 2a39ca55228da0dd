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
	const char *route, *handler; /* that answered; NULL: none */
	int64_t time;		     /* seconds since 1970 */
	int64_t duration_us;
	int status;
	uint64_t bytes; /* of content sent */
	const struct http_head *head;
	const struct response *response;
};

/* Writes a line by a format that log_format_check has found right, with its LF;
 * its length is returned, at most size. Fields that
 * would make it longer are cut. size is at least ACCESSLOG_MIN_BYTES. */
size_t accesslog_format_line(char *line, size_t size, const char *format,
    const struct accesslog_entry *entry);

#define ACCESSLOG_MIN_BYTES 256

/* Writes the line to the log, which logline_open has seen. 0, or -1 and errno:
 * it was dropped, and nobody has said so yet. */
int accesslog_write(int fd, const char *format,
    const struct accesslog_entry *entry);

#endif
