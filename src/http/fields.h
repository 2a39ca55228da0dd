/*
 * Field lines, and the parts of field values: tokens and comma lists (RFC 9110
 * 5). Every function takes time linear in its input.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HTTP_FIELDS_H
#define PRONG_HTTP_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct http_field {
	struct slice name, value; /* value: without outer whitespace */
};

/* The first field line of that name, whatever the case of its letters; NULL
 * when there is no such line. */
const struct http_field *fields_find(const struct http_field *fields,
    size_t count, const char *name);

/* The number of field lines of that name. */
size_t fields_count(const struct http_field *fields, size_t count,
    const char *name);

/* The parts of a field that may contain each octet. */
#define FIELDS_TCHAR 1
#define FIELDS_VALUE 2
extern const uint8_t fields_octets[256];

/* Whether the octet is a tchar (RFC 9110 5.6.2). */
static inline bool
fields_is_tchar(unsigned char octet)
{
	return fields_octets[octet] & FIELDS_TCHAR;
}

/* Whether a field value may contain the octet: HTAB, SP, VCHAR, obs-text (RFC
 * 9110 5.5). */
static inline bool
fields_is_value_octet(unsigned char octet)
{
	return fields_octets[octet] & FIELDS_VALUE;
}

/* Whether text is a token, 1*tchar: a field name or a method. */
bool fields_is_token(struct slice text);

/* Whether text is a field value without control octets and outer whitespace. It
 * may be empty. */
bool fields_is_value(struct slice text);

/* Whether the field is about the connection or the message's framing, so that
 * only the server sends it; whether it describes a content, so that it must not
 * be sent with another content. */
bool fields_is_framing(const char *name);
bool fields_is_of_content(const char *name);

/*
 * Takes the next member off a comma list (RFC 9110 5.6.1), without outer
 * whitespace; empty members are ignored. A comma in a quoted string does not
 * end a member; a quoted string without an end reaches to the end of *rest.
 * False when no member is left.
 */
bool fields_next_member(struct slice *rest, struct slice *member);

#endif
