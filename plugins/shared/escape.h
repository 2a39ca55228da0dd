/*
 * Escaping: text from clients and from the disk, made safe for what it is put
 * into. What is no UTF-8 becomes U+FFFD where the output must be UTF-8.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef ESCAPE_H
#define ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

struct prong_request;

/* Whether a request's path may have the text as a name: UTF-8, with neither
 * control characters nor backslashes. */
bool escape_is_path_name(const char *text);

/* Append text to the response: 0, or -1 when the client has gone. */

/* For HTML, elements' content and quoted attributes. */
int escape_html(struct prong_request *request, const char *text);

/* As a JSON string, quotes included. */
int escape_json(struct prong_request *request, const char *text);

/* For a terminal and one line: all but printable ASCII as \xHH. */
int escape_plain(struct prong_request *request, const char *text);

/* Writes text to out percent-encoded as a path (RFC 3986 3.3), "/" kept, with
 * a NUL, in at most 3 * strlen(text) + 1 octets; the octets without NUL. */
size_t escape_path(char *out, const char *text);

#endif
