/*
 * Field lines, and what field values are made of: tokens, comma lists (RFC 9110
 * 5). Every function takes time linear in what it is given.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HTTP_FIELDS_H
#define PRONG_HTTP_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct http_field {
	struct slice name, value; /* value without outer whitespace */
};

/* The first field line of that name, in any case of letters; NULL when there
 * is none. */
const struct http_field *fields_find(const struct http_field *fields,
    size_t count, const char *name);

/* How many field lines have that name. */
size_t fields_count(const struct http_field *fields, size_t count,
    const char *name);

/* tchar of RFC 9110 5.6.2. */
bool fields_is_tchar(unsigned char octet);

/* What a field value may hold: HTAB, SP, VCHAR, obs-text (RFC 9110 5.5). */
bool fields_is_value_octet(unsigned char octet);

/* 1*tchar: field names, methods. */
bool fields_is_token(struct slice text);

/* Field content without control octets and without outer whitespace; may be
 * empty. */
bool fields_is_value(struct slice text);

/* A field of the connection and the message's framing, which the server alone
 * sends; one that describes a content and not another in its place. */
bool fields_is_framing(const char *name);
bool fields_is_of_content(const char *name);

/*
 * Takes the next member off a comma list (RFC 9110 5.6.1), without outer
 * whitespace; empty members are passed over. A comma inside a quoted string
 * does not divide; a quoted string that is never closed reaches to the end.
 * False when no member is left.
 */
bool fields_next_member(struct slice *rest, struct slice *member);

/*
 * The same over all lines of a name, which together are one list (RFC 9110
 * 5.3):
 *	struct fields_list list = fields_list(fields, count, "Connection");
 *	while (fields_list_next(&list, &member))
 */
struct fields_list {
	const struct http_field *fields;
	size_t count;
	const char *name;
	struct slice rest;
};

struct fields_list fields_list(const struct http_field *fields, size_t count,
    const char *name);
bool fields_list_next(struct fields_list *list, struct slice *member);

#endif
