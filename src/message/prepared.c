/* SPDX-License-Identifier: ISC */
#include "message/prepared.h"

#include <string.h>

#include "base/arena.h"
#include "base/slice.h"
#include "message/response.h"
#include "message/response_head.h"

/* A block being made. */
struct block {
	char *first, *at;
	size_t left;
};

/* False: it does not fit. */
static bool
put(struct block *block, const char *string)
{
	size_t size = strlen(string) + 1;

	if (size > block->left)
		return false;
	block->at = mempcpy(block->at, string, size);
	block->left -= size;
	return true;
}

static bool
put_list(struct block *block, const struct response *response)
{
	const struct response_field *field;

	for (field = response->fields; field; field = field->next)
		if (!put(block, field->name) || !put(block, field->value))
			return false;
	return put(block, "");
}

static uint32_t
place(const struct block *block)
{
	return (uint32_t)(block->at - block->first);
}

/* The server's own lines go between the validators and the rest, unless these fields
 * are set. */
static bool
is_of_use(const struct response *response)
{
	return !response->is_begun && !response->has_status &&
	    !response->has_length && !response->prepared && response->etag &&
	    response_field(response, "Content-Type") &&
	    !response_field(response, "Server") &&
	    !response_field(response, "Accept-Ranges");
}

size_t
prepared_make(const struct response *response, void *memory, size_t size)
{
	struct prepared made = {
		.has_last_modified = response->has_last_modified,
		.last_modified = response->last_modified
	};
	struct block block = { memory, (char *)memory + sizeof(made), 0 };

	if (size < sizeof(made) || size > UINT32_MAX || !is_of_use(response))
		return 0;
	block.left = size - sizeof(made);
	made.etag = place(&block);
	if (!put(&block, response->etag))
		return 0;
	made.list = place(&block);
	if (!put_list(&block, response))
		return 0;
	made.text = place(&block);
	made.text_length = (uint32_t)response_head_put_fields(response,
	    block.at, block.left);
	if (made.text_length == 0)
		return 0;
	made.size = made.text + made.text_length;
	memcpy(memory, &made, sizeof(made));
	return made.size;
}

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
