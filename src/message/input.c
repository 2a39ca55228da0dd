/*
 * The buffer of received octets. See input.h. Pure.
 *
 * SPDX-License-Identifier: ISC
 */
#include "message/input.h"

#include <assert.h>
#include <string.h>

void
input_init(struct input *input, char *data, size_t size)
{
	*input = (struct input){ .data = data, .size = size };
}

static void
move_to_front(struct input *input)
{
	memmove(input->data, input->data + input->start, input_pending(input));
	input->end -= input->start;
	input->start = 0;
}

bool
input_make_room(struct input *input)
{
	if (input->end < input->size)
		return true;
	if (input->start == 0)
		return false;
	move_to_front(input);
	return true;
}

void
input_skip(struct input *input, size_t length)
{
	assert(length <= input_pending(input));
	input->start += length;
	move_to_front(input);
}

void
input_keep_head(struct input *input, size_t length)
{
	assert(length <= input_pending(input));
	input->start += length;
	input->head_end = input->start;
}

void
input_reuse(struct input *input)
{
	assert(input->start == input->end);
	input->start = input->end = input->head_end;
}

void
input_drop_head(struct input *input)
{
	input->head_end = 0;
	if (input->start == input->end)
		input->start = input->end = 0;
	else if (input->start > input->size / 2)
		move_to_front(input);
}
