/*
 * Escaping: makes text from clients and from the disk safe for HTML, JSON, a
 * terminal or a path. Where the output must be UTF-8, invalid octets become
 * U+FFFD.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef ESCAPE_H
#define ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

struct prong_request;

/* Whether the text may be a name in a request's path: UTF-8, with neither
 * control characters nor backslashes. */
bool escape_is_path_name(const char *text);

/* The next four append text to the response: 0, or -1 when the client has
 * gone. */

/* For HTML: content of elements and quoted attributes. */
int escape_html(struct prong_request *request, const char *text);

/* As a JSON string, quotes included. Controls, also those beyond ASCII, and
 * marks that change the direction of text become \uXXXX. */
int escape_json(struct prong_request *request, const char *text);

/* For one line of a terminal: all but printable ASCII becomes \xHH. */
int escape_plain(struct prong_request *request, const char *text);

/* The same for a column of a table: a space becomes \x20, so that no text looks
 * like two columns; shorter text is filled up with spaces to that width. */
int escape_column(struct prong_request *request, const char *text,
    size_t width);

/* Writes text to out, percent-encoded as a path (RFC 3986 3.3); "/" is kept.
 * Writes at most 3 * strlen(text) + 1 octets with the NUL. Returns the length
 * without the NUL. */
size_t escape_path(char *out, const char *text);

#endif
