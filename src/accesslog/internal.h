/*
 * Shared by the parts of the access log only:
 *
 *	accesslog.c		makes the line of an entry and writes it
 *	accesslog_format.c	makes lines by the administrator's format
 *	accesslog_json.c	makes lines of JSON
 *	accesslog_line.c	makes the pieces of both
 *	accesslog_time.c	makes the time of a line
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_ACCESSLOG_INTERNAL_H
#define PRONG_ACCESSLOG_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct accesslog_entry;
struct http_head;
struct log_format;

enum accesslog_quoting {
	QUOTE_TEXT, /* \xHH */
	QUOTE_JSON  /* \u00HH: octets as Latin-1 */
};

struct accesslog_line {
	char *at, *end;
	bool is_full; /* a piece did not fit */
	enum accesslog_quoting quoting;
};

/*
 * accesslog_line.c
 */

/* Writes a whole piece. Once a piece has not fitted, writes no more. */
void accesslog_put_octets(struct accesslog_line *line, const char *text,
    size_t length);
void accesslog_put(struct accesslog_line *line, const char *text);
void accesslog_put_number(struct accesslog_line *line, int64_t number);

/* Writes text from outside: escaped, and cut when it is too long. */
void accesslog_put_escaped(struct accesslog_line *line, struct slice text);

/* Writes text for between spaces: with its spaces escaped; "-" if empty. */
void accesslog_put_word(struct accesslog_line *line, const char *text);

void accesslog_put_protocol(struct accesslog_line *line,
    const struct http_head *head);

/* The value of the request's first field of that name; empty: none. */
struct slice accesslog_request_field(const struct accesslog_entry *entry,
    const char *name);

/* The id of the request; NULL: unknown. */
const char *accesslog_id(const struct accesslog_entry *entry);

/*
 * accesslog_time.c
 */

/* Writes the local time: in brackets as the Common Log Format has it, or in JSON
 * as ISO 8601 has it. */
void accesslog_put_time(struct accesslog_line *line, int64_t seconds);

/*
 * accesslog_format.c, accesslog_json.c: write a line without its LF.
 */
void accesslog_put_format(struct accesslog_line *line,
    const struct log_format *format, const struct accesslog_entry *entry);

/* Needs room for one octet beyond line->end. */
void accesslog_put_json(struct accesslog_line *line,
    const struct accesslog_entry *entry);

#endif
