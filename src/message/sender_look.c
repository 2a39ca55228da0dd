/*
 * Looks whether the files of a response are in memory, before its first octet is
 * sent.
 *
 * SPDX-License-Identifier: ISC
 */
#include "message/internal.h"

#include <stdint.h>

#include "base/resident.h"
#include "message/body.h"
#include "message/channel.h"
#include "message/response.h"
#include "message/sender.h"

/* Whether a file that has content between first and end is absent. */
static bool
is_absent(const struct content *content, uint64_t first, uint64_t end)
{
	const struct piece *piece;
	uint64_t position = 0, skip, wanted;

	for (piece = content->first; piece; piece = piece->next) {
		wanted = content_overlap(position, piece->length, first, end,
		    &skip);
		position += piece->length;
		if (wanted > 0 && piece->fd >= 0 &&
		    resident_lacks(piece->fd, piece->offset + skip, wanted))
			return true;
	}
	return false;
}

/* The sender has begun, and sent nothing: its queue begins at position 0. */
bool
sender_would_wait(const struct sender *sender)
{
	const struct response *response = sender->response;
	const struct content *content = &response->content;
	size_t i;

	if (!sender->channel->is_shared || response->is_head ||
	    sender->framing == FRAMING_NONE || !content_has_file(content) ||
	    !body_is_untouched(sender->body))
		return false;
	if (!response->ranges)
		return is_absent(content, response->window_first,
		    response->window_end);
	for (i = 0; i < response->range_count; i++)
		if (is_absent(content, response->ranges[i].first,
			response->ranges[i].last + 1))
			return true;
	return false;
}
