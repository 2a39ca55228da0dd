/* SPDX-License-Identifier: ISC */
#include "message/prepared.h"

#include <string.h>

#include "base/arena.h"
#include "base/slice.h"
#include "message/response.h"

/* The next name and value; *at is NULL at first. */
static bool
next(const struct prepared *prepared, const char **at, const char **name,
    const char **value)
{
	*name = *at ? *at : (const char *)prepared + prepared->list;
	if (**name == '\0')
		return false;
	*value = *name + strlen(*name) + 1;
	*at = *value + strlen(*value) + 1;
	return true;
}

const char *
prepared_value(const struct prepared *prepared, const char *name)
{
	const char *at = NULL, *found, *value;

	while (next(prepared, &at, &found, &value))
		if (((*found ^ *name) & 0x5f) == 0 &&
		    slice_same_name(found, name))
			return value;
	return NULL;
}

bool
prepared_is_sent(const struct response *response)
{
	const struct prepared *prepared = response->prepared;

	return response->offers_ranges && !response->ranges &&
	    response->has_last_modified == prepared->has_last_modified &&
	    response->last_modified == prepared->last_modified;
}

struct response_field *
prepared_fields(const struct prepared *prepared, struct arena *arena,
    struct response_field *after)
{
	struct response_field *first = NULL, **end = &first;
	const char *at = NULL, *name, *value;

	while (next(prepared, &at, &name, &value)) {
		struct response_field *field = arena_alloc(arena,
		    sizeof(*field));

		if (!field)
			break;
		*field = (struct response_field){ NULL, name, value };
		*end = field;
		end = &field->next;
	}
	*end = after;
	return first;
}
