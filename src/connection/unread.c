/* SPDX-License-Identifier: ISC */
#include "connection/unread.h"

#include "base/arena.h"
#include "http/head.h"
#include "message/channel.h"

bool
unread_pieces(struct channel *channel, const struct http_head *head,
    struct iovec pieces[UNREAD_PIECES])
{
	const struct input *input = &channel->input;
	char *text = arena_alloc(&channel->arena, head->length + 1);

	if (!text)
		return false;
	pieces[0] = (struct iovec){ text, http_head_write(head, text) };
	pieces[1] = (struct iovec){ input->data + input->start,
		input_pending(input) };
	return true;
}
