/*
 * Extra fields: the fields that an administrator wants responses to carry, as a
 * list of "Name: value" in an option.
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

/* In open(): takes the lines of the option of that name apart. 0, or -1 after
 * reporting every one that is no field or is the server's business. */
int extra_fields_parse(struct extra_fields *fields,
    struct prong_opening *opening, const char *option,
    const struct prong_strings *lines);

/* In handle(): Content-Type and Cache-Control replace what was set, others are
 * added. */
void extra_fields_set(const struct extra_fields *fields,
    struct prong_request *request);

#endif
