/*
 * What the parts of the access log share, for them alone:
 *
 *	accesslog.c		a line from its entry, and its writing
 *	accesslog_format.c	lines by the administrator's directives
 *	accesslog_json.c	lines of JSON
 *	accesslog_line.c	the pieces that both are put together from
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

enum accesslog_quoting {
	QUOTE_TEXT, /* \xHH */
	QUOTE_JSON  /* \u00HH: octets as Latin-1 */
};

struct accesslog_line {
	char *at, *end;
	bool is_full; /* something did not fit */
	enum accesslog_quoting quoting;
};

/*
 * accesslog_line.c
 */

/* A piece is written whole or not at all, and nothing behind it then. */
void accesslog_put_octets(struct accesslog_line *line, const char *text,
    size_t length);
void accesslog_put(struct accesslog_line *line, const char *text);
void accesslog_put_number(struct accesslog_line *line, int64_t number);

/* What others may have chosen: escaped, and cut where it is too long. */
void accesslog_put_escaped(struct accesslog_line *line, struct slice text);

/* Text that stands between spaces: none within, and never nothing. */
void accesslog_put_word(struct accesslog_line *line, const char *text);

void accesslog_put_time(struct accesslog_line *line, int64_t seconds);
void accesslog_put_protocol(struct accesslog_line *line,
    const struct http_head *head);

/* The value of that field; empty when there is none. */
struct slice accesslog_request_field(const struct accesslog_entry *entry,
    const char *name);

/*
 * accesslog_format.c, accesslog_json.c: a line without its LF.
 */
void accesslog_put_format(struct accesslog_line *line, const char *format,
    const struct accesslog_entry *entry);

/* Needs room for one octet beyond line->end. */
void accesslog_put_json(struct accesslog_line *line,
    const struct accesslog_entry *entry);

#endif
