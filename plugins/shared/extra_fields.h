/*
 * Extra fields: fields that an option adds to responses, as a list of
 * "Name: value".
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef EXTRA_FIELDS_H
#define EXTRA_FIELDS_H

#include <stddef.h>

struct prong_opening;
struct prong_request;
struct prong_strings;

struct extra_fields {
	struct extra_field *items;
	size_t count;
};

/* Whether the text may be a field's value (RFC 9110 5.5). */
int extra_fields_is_value(const char *text);

/* Called in open(): parses the lines of the option of that name. 0, or -1 after
 * reporting each line that is no field or that only the server may set. */
int extra_fields_parse(struct extra_fields *fields,
    struct prong_opening *opening, const char *option,
    const struct prong_strings *lines);

/* Called in handle(): Content-Type and Cache-Control replace earlier values,
 * other fields are added. */
void extra_fields_set(const struct extra_fields *fields,
    struct prong_request *request);

#endif
