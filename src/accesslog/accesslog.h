/*
 * The access log: one line for each request, written whole. Octets
 * of a client become printable ASCII inside their own field: quotes,
 * backslashes and all other octets are escaped.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_ACCESSLOG_ACCESSLOG_H
#define PRONG_ACCESSLOG_ACCESSLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct http_head;
struct log_format;
struct request;
struct response;

struct accesslog_entry {
	const char *client; /* address, without port, or ACCESSLOG_CLIENT */
	const char *user;   /* NULL: unknown */
	const char *host;   /* of the request; NULL: unknown */
	const char *route, *handler; /* of the response; NULL: none */
	int64_t time;		     /* seconds since 1970 */
	int64_t duration_us;
	int status;
	uint64_t bytes;	     /* of content sent */
	struct slice target; /* of the request; empty: unknown */
	const struct http_head *head;
	const struct response *response;
	struct request *request; /* for its id, if the format has it; or NULL */
};

/* Writes a line with its LF. Returns its length, at most size; fields that would make it longer are cut.
 * size is at least ACCESSLOG_MIN_BYTES. */
size_t accesslog_format_line(char *line, size_t size,
    const struct log_format *format, const struct accesslog_entry *entry);

#define ACCESSLOG_MIN_BYTES 256

/* The client in the lines of a process that does not name its client itself.
 * The log process puts the client in place of the mark (generation/log_lines.h).
 * No other octet of a line can be the mark. */
#define ACCESSLOG_CLIENT "\001"

/* Whether a line of that format, without its LF, can have its marks where that
 * text has them. */
bool accesslog_has_client(const struct log_format *format, const char *text,
    size_t length);

/* Finds out the offset of the time zone at that time, in seconds since 1970.
 * Called before a fork, so that the connections need not. */
void accesslog_prepare(int64_t now);

/* Opens an access log for accesslog_write in a process without a log channel. */
void accesslog_open(int fd);

/* Puts the line into the log channel, or writes it to the log at fd. 0, or -1
 * and errno: the line was dropped, which the caller has to log. */
int accesslog_write(int fd, const struct log_format *format,
    const struct accesslog_entry *entry);

#endif
