/*
 * Gathers octets and sends them at once: one sendmsg for head, chunk lines,
 * memory, and small files read into memory. A large file goes out by sendfile,
 * after the octets gathered before it.
 *
 * Functions return -1 with sender->error set, and file_error if a file caused
 * the error.
 *
 * SPDX-License-Identifier: ISC
 */
#include "message/internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "message/channel.h"
#include "message/response.h"
#include "message/sender.h"

/* Up to this size a copy is cheaper than a system call of its own. */
#define SMALL_FILE_BYTES 16384

/* What was seen before the response has begun need not be looked at again. */
#define SEEN_BYTES (UINT64_C(256) * 1024)

#define BATCH_MAX  16

/* "ffffffffffffffff" and CRLF. */
#define CHUNK_LINE_BYTES 24

struct batch {
	struct sender *sender;
	size_t count; /* of iov */
	struct iovec iov[BATCH_MAX];
	char chunk_line[CHUNK_LINE_BYTES];
};

/* more: other octets follow at once. */
static int
flush_batch(struct batch *batch, bool more)
{
	struct sender *sender = batch->sender;

	if (batch->count > 0 &&
	    netio_write(&sender->channel->io, batch->iov, batch->count, more,
		&sender->pace) < 0) {
		sender->error = errno;
		return -1;
	}
	batch->count = 0;
	sender->scratch_used = 0;
	return 0;
}

/* The memory must stay until it is sent. */
static int
add(struct batch *batch, const void *data, size_t length)
{
	struct iovec *iov;

	if (batch->count == BATCH_MAX && flush_batch(batch, true) < 0)
		return -1;
	iov = &batch->iov[batch->count++];
	/* sendmsg only reads it, but struct iovec has no const. */
	iov->iov_base = (void *)(uintptr_t)data;
	iov->iov_len = length;
	return 0;
}

static int
fail_file(struct sender *sender, int error)
{
	sender->file_error = error;
	sender->error = error;
	return -1;
}

/* Room for length octets, which stay until the batch is sent. */
static char *
take_scratch(struct batch *batch, size_t length)
{
	struct sender *sender = batch->sender;
	struct response *response = sender->response;
	char *room;

	if (length > sender->scratch_size - sender->scratch_used &&
	    sender->scratch_used > 0 && flush_batch(batch, true) < 0)
		return NULL;
	if (length > sender->scratch_size) {
		size_t size = response->ranges ? SMALL_FILE_BYTES : length;

		room = arena_alloc_text(response->arena, size);
		if (!room) {
			sender->error = ENOMEM;
			return NULL;
		}
		sender->scratch = room;
		sender->scratch_size = size;
	}
	room = sender->scratch + sender->scratch_used;
	sender->scratch_used += length;
	return room;
}

static int
read_whole(struct sender *sender, int fd, uint64_t offset, char *room,
    size_t length)
{
	size_t got = 0;

	while (got < length) {
		ssize_t n = pread(fd, room + got, length - got,
		    (off_t)(offset + got));

		log_debug("pread(%d, %zu bytes) = %zd", fd, length - got, n);
		if (n == 0)
			return fail_file(sender, ENODATA);
		if (n > 0)
			got += (size_t)n;
		else if (errno != EINTR)
			return fail_file(sender, errno);
	}
	return 0;
}

static int
add_small_file(struct batch *batch, int fd, uint64_t offset, size_t length)
{
	char *room;

	/* First, since sending frees the scratch memory. */
	if (batch->count == BATCH_MAX && flush_batch(batch, true) < 0)
		return -1;
	room = take_scratch(batch, length);
	if (!room || read_whole(batch->sender, fd, offset, room, length) < 0)
		return -1;
	return add(batch, room, length);
}

static int
add_file(struct batch *batch, const struct piece *piece, uint64_t skip,
    uint64_t length)
{
	struct sender *sender = batch->sender;
	struct netio *io = &sender->channel->io;
	bool more = piece->next || sender->response->ranges ||
	    sender->framing == FRAMING_CHUNKED;
	struct netio_range range;

	if (length <= SMALL_FILE_BYTES)
		return add_small_file(batch, piece->fd, piece->offset + skip,
		    (size_t)length);
	if (flush_batch(batch, true) < 0)
		return -1;
	range = (struct netio_range){ .fd = piece->fd,
		.at = piece->offset + skip,
		.end = piece->offset + skip + length };
	/* Both ends were: a step of netio is not looked at further within. */
	if (length <= SEEN_BYTES && sender->seen_turn != 0 &&
	    sender->seen_turn == netio_turn(io))
		range.resident = range.end;
	if (netio_write_file(io, &range, more, &sender->pace) == 0)
		return 0;
	if (errno != EPIPE && errno != ECONNRESET && errno != ETIMEDOUT)
		return fail_file(sender, errno);
	sender->error = errno;
	return -1;
}

static const char *
memory_of(const struct content *content, const struct piece *piece)
{
	return piece->constant ? piece->constant :
				 content->memory + piece->offset;
}

/* Adds the octets of the queue between first and end of the content. */
static int
add_between(struct batch *batch, uint64_t first, uint64_t end)
{
	struct sender *sender = batch->sender;
	const struct content *content = &sender->response->content;
	uint64_t position = sender->position;
	const struct piece *piece;

	for (piece = content->first; piece; piece = piece->next) {
		uint64_t skip, wanted;
		int result;

		wanted = content_overlap(position, piece->length, first, end,
		    &skip);
		position += piece->length;
		if (wanted == 0)
			continue;
		if (piece->fd >= 0)
			result = add_file(batch, piece, skip, wanted);
		else
			result = add(batch, memory_of(content, piece) + skip,
			    (size_t)wanted);
		sender->sent += wanted;
		if (result < 0)
			return -1;
	}
	return 0;
}

static int
add_part_head(struct batch *batch, const struct range *part)
{
	struct sender *sender = batch->sender;
	struct slice head = response_head_make_part(sender->response, part);

	if (!head.data) {
		sender->error = ENOMEM;
		return -1;
	}
	sender->sent += head.len;
	return add(batch, head.data, head.len);
}

static int
add_parts(struct batch *batch)
{
	const struct response *response = batch->sender->response;

	for (size_t i = 0; i < response->range_count; i++) {
		const struct range *part = &response->ranges[i];

		if (add_part_head(batch, part) < 0 ||
		    add_between(batch, part->first, part->last + 1) < 0)
			return -1;
	}
	return add_part_head(batch, NULL);
}

/* Adds the queue, and the memory that follows it without a copy. */
static int
add_content(struct batch *batch, const void *data, size_t length)
{
	struct sender *sender = batch->sender;
	const struct response *response = sender->response;
	uint64_t skip, wanted;

	if (add_between(batch, response->window_first, response->window_end) <
	    0)
		return -1;
	sender->position += response->content.length;
	wanted = content_overlap(sender->position, length,
	    response->window_first, response->window_end, &skip);
	sender->position += length;
	if (wanted == 0)
		return 0;
	sender->sent += wanted;
	return add(batch, (const char *)data + skip, (size_t)wanted);
}

static int
add_chunk(struct batch *batch, const void *data, size_t length, bool final)
{
	uint64_t size = batch->sender->response->content.length + length;

	if (size > 0) {
		int n = snprintf(batch->chunk_line, sizeof(batch->chunk_line),
		    "%" PRIx64 "\r\n", size);

		if (add(batch, batch->chunk_line, (size_t)n) < 0 ||
		    add_content(batch, data, length) < 0 ||
		    add(batch, "\r\n", 2) < 0)
			return -1;
	}
	return final ? add(batch, "0\r\n\r\n", 5) : 0;
}

static int
fill(struct batch *batch, const void *data, size_t length, bool final)
{
	struct sender *sender = batch->sender;
	struct slice head = sender->head;

	if (head.data && add(batch, head.data, head.len) < 0)
		return -1;
	sender->head = (struct slice){ NULL, 0 };
	if (sender->response->is_head || sender->framing == FRAMING_NONE)
		return 0;
	if (sender->response->ranges)
		return add_parts(batch);
	if (sender->framing == FRAMING_CHUNKED)
		return add_chunk(batch, data, length, final);
	return add_content(batch, data, length);
}

int
sender_transmit(struct sender *sender, const void *data, size_t length,
    bool final)
{
	struct response *response = sender->response;
	struct batch batch;
	int result;

	batch.sender = sender;
	batch.count = 0;
	result = fill(&batch, data, length, final);
	if (result == 0)
		result = flush_batch(&batch, false);
	content_clear(&response->content);
	sender->seen_turn = 0;
	if (final || sender->position >= response->window_end)
		sender->is_complete = true;
	return result;
}
