/*
 * Conditions, and the lists and weights that fields are made of: "name: value"
 * in lines. The bits of the first octet choose the method, what validators
 * there are, and what time it is.
 *
 * SPDX-License-Identifier: ISC
 */
#include "fuzz.h"

#include <stdbool.h>

#include "http/conditional.h"

#define FIELDS_MAX 32
#define MODIFIED   784111777 /* Sun, 06 Nov 1994 08:49:37 GMT */

static bool
take_field(struct slice *rest, struct http_field *field)
{
	const char *newline = memchr(rest->data, '\n', rest->len);
	struct slice line = *rest;
	const char *colon;

	if (newline)
		line.len = (size_t)(newline - rest->data);
	*rest = slice_skip(*rest, line.len + (newline ? 1 : 0));
	colon = memchr(line.data, ':', line.len);
	if (!colon)
		return false;
	field->name = (struct slice){ line.data, (size_t)(colon - line.data) };
	field->value = slice_trim(slice_skip(line, field->name.len + 1));
	/* What a head cannot have, conditions are never asked about. */
	return fields_is_token(field->name) && fields_is_value(field->value);
}

static size_t
take_fields(struct slice rest, struct http_field *fields)
{
	size_t count = 0;

	while (rest.len > 0 && count < FIELDS_MAX)
		if (take_field(&rest, &fields[count]))
			count++;
	return count;
}

static void
check_lists(const struct http_field *fields, size_t count)
{
	struct slice member;

	for (size_t i = 0; i < count; i++) {
		struct slice rest = fields[i].value;

		while (fields_next_member(&rest, &member)) {
			assert(member.len > 0);
			assert(slice_trim(member).len == member.len);
		}
	}
}

static bool
has(const struct http_field *fields, size_t count, const char *name)
{
	return fields_find(fields, count, name);
}

static void
check(const char *name, const struct http_field *fields, size_t count,
    const struct conditional_validators *validators, int64_t now)
{
	struct slice method = slice_from_string(name);
	bool is_read = strcmp(name, "GET") == 0 || strcmp(name, "HEAD") == 0;

	switch (conditional_check(method, fields, count, validators, now)) {
	case CONDITIONAL_PROCEED:
		break;
	case CONDITIONAL_NOT_MODIFIED:
		assert(is_read);
		assert(has(fields, count, "If-None-Match") ||
		    (has(fields, count, "If-Modified-Since") &&
			validators->has_last_modified));
		break;
	case CONDITIONAL_FAILED:
		assert(has(fields, count, "If-Match") ||
		    has(fields, count, "If-Unmodified-Since") ||
		    (has(fields, count, "If-None-Match") && !is_read));
		break;
	}
	if (conditional_range_applies(method, fields, count, validators, now))
		assert(strcmp(name, "GET") == 0 &&
		    fields_count(fields, count, "Range") == 1 &&
		    (!has(fields, count, "If-Range") || validators->etag ||
			validators->has_last_modified));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const methods[] = { "HEAD", "GET", "PUT", "DELETE" };
	static const char *const etags[] = { NULL, "\"a\"", "W/\"a\"", "\"\"" };
	uint8_t choice = fuzz_choice(&data, &size);
	struct http_field fields[FIELDS_MAX];
	struct conditional_validators validators = {
		.etag = etags[choice >> 2 & 3],
		.has_last_modified = (choice & 0x10) != 0,
		.last_modified = MODIFIED
	};
	char *copy = fuzz_copy(data, size);
	size_t count = take_fields((struct slice){ copy, size }, fields);

	check_lists(fields, count);
	check(methods[choice & 3], fields, count, &validators,
	    MODIFIED + ((choice & 0x20) ? 100000 : 1));
	free(copy);
	return 0;
}
