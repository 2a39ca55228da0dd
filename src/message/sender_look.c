/*
 * Looks whether the files of a response are in memory, before its first octet is
 * sent.
 *
 * SPDX-License-Identifier: ISC
 */
#include "message/internal.h"

#include <stdint.h>

#include <prong/handler.h>

#include "base/resident.h"
#include "message/body.h"
#include "message/channel.h"
#include "message/response.h"
#include "message/sender.h"

/* What is lent again and again is looked at once in a turn: others were not kept
 * waiting since. The notes are turn, offset and length. */
static bool
is_noted(const struct prong_loan *loan, uint64_t turn, uint64_t offset,
    uint64_t length)
{
	return loan && turn != 0 && loan->server[0] == turn &&
	    loan->server[1] == offset && loan->server[2] == length;
}

static void
note(struct prong_loan *loan, uint64_t turn, uint64_t offset, uint64_t length)
{
	if (!loan)
		return;
	loan->server[0] = turn;
	loan->server[1] = offset;
	loan->server[2] = length;
}

/* Whether octets of a piece are known not to be in memory. */
static bool
lacks(const struct piece *piece, uint64_t turn, uint64_t offset,
    uint64_t length)
{
	if (is_noted(piece->loan, turn, offset, length))
		return false;
	if (resident_lacks(piece->fd, offset, length))
		return true;
	note(piece->loan, turn, offset, length);
	return false;
}

/* Whether a file that has content between first and end is absent. */
static bool
is_absent(const struct content *content, uint64_t turn, uint64_t first,
    uint64_t end)
{
	const struct piece *piece;
	uint64_t position = 0, skip, wanted;

	for (piece = content->first; piece; piece = piece->next) {
		wanted = content_overlap(position, piece->length, first, end,
		    &skip);
		position += piece->length;
		if (wanted > 0 && piece->fd >= 0 &&
		    lacks(piece, turn, piece->offset + skip, wanted))
			return true;
	}
	return false;
}

/* The sender has begun, and sent nothing: its queue begins at position 0. */
static bool
is_any_absent(const struct response *response, uint64_t turn)
{
	const struct content *content = &response->content;
	size_t i;

	if (!response->ranges)
		return is_absent(content, turn, response->window_first,
		    response->window_end);
	for (i = 0; i < response->range_count; i++)
		if (is_absent(content, turn, response->ranges[i].first,
			response->ranges[i].last + 1))
			return true;
	return false;
}

bool
sender_would_wait(struct sender *sender)
{
	const struct response *response = sender->response;
	const uint64_t turn = netio_turn(&sender->channel->io);

	if (!sender->channel->is_shared || response->is_head ||
	    sender->framing == FRAMING_NONE ||
	    !content_has_file(&response->content) ||
	    !body_is_untouched(sender->body))
		return false;
	if (is_any_absent(response, turn))
		return true;
	sender->seen_turn = turn;
	return false;
}
