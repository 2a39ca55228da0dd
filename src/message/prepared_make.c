/*
 * Makes a block of fields, of a response that has them.
 *
 * SPDX-License-Identifier: ISC
 */
#include "message/prepared.h"

#include <string.h>

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
