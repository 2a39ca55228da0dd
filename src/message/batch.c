/*
 * What is gathered to be sent. See batch.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "message/batch.h"

#include <errno.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "message/netio.h"
#include "message/response.h"

/* Up to here a copy is cheaper than a system call of its own. */
#define SMALL_FILE_BYTES 16384

int
batch_send(struct batch *batch, bool more)
{
	struct response *response = batch->response;

	if (batch->count > 0 &&
	    netio_write(response->io, batch->iov, batch->count, more,
		&response->pace) < 0) {
		response->error = errno;
		return -1;
	}
	batch->count = 0;
	response->scratch_used = 0;
	return 0;
}

int
batch_add(struct batch *batch, char *data, size_t length)
{
	if (batch->count == BATCH_MAX && batch_send(batch, true) < 0)
		return -1;
	batch->iov[batch->count].iov_base = data;
	batch->iov[batch->count].iov_len = length;
	batch->count++;
	return 0;
}

static int
fail_file(struct response *response, int error)
{
	response->file_error = error;
	response->error = error;
	return -1;
}

/* Room for length octets that stay until the batch is sent. */
static char *
take_scratch(struct batch *batch, size_t length)
{
	struct response *response = batch->response;
	char *room;

	if (length > response->scratch_size - response->scratch_used &&
	    response->scratch_used > 0 && batch_send(batch, true) < 0)
		return NULL;
	if (length > response->scratch_size) {
		size_t size = response->ranges ? SMALL_FILE_BYTES : length;

		room = arena_alloc_text(response->arena, size);
		if (!room) {
			response->error = ENOMEM;
			return NULL;
		}
		response->scratch = room;
		response->scratch_size = size;
	}
	room = response->scratch + response->scratch_used;
	response->scratch_used += length;
	return room;
}

static int
batch_add_small_file(struct batch *batch, int fd, uint64_t offset,
    size_t length)
{
	size_t got = 0;
	char *room;

	/* First, since sending lets the scratch be used anew. */
	if (batch->count == BATCH_MAX && batch_send(batch, true) < 0)
		return -1;
	room = take_scratch(batch, length);
	if (!room)
		return -1;
	while (got < length) {
		ssize_t n = pread(fd, room + got, length - got,
		    (off_t)(offset + got));

		log_debug("pread(%d, %zu bytes) = %zd", fd, length - got, n);
		if (n == 0)
			return fail_file(batch->response, ENODATA);
		if (n > 0)
			got += (size_t)n;
		else if (errno != EINTR)
			return fail_file(batch->response, errno);
	}
	return batch_add(batch, room, length);
}

static int
batch_add_file(struct batch *batch, const struct piece *piece, uint64_t skip,
    uint64_t length)
{
	struct response *response = batch->response;
	bool more = piece->next || response->ranges ||
	    response->framing == FRAMING_CHUNKED;

	if (length <= SMALL_FILE_BYTES)
		return batch_add_small_file(batch, piece->fd,
		    piece->offset + skip, (size_t)length);
	if (batch_send(batch, true) < 0)
		return -1;
	if (netio_write_file(response->io, piece->fd, piece->offset + skip,
		length, more, &response->pace) == 0)
		return 0;
	if (errno != EPIPE && errno != ECONNRESET && errno != ETIMEDOUT)
		return fail_file(response, errno);
	response->error = errno;
	return -1;
}

uint64_t
batch_overlap(uint64_t position, uint64_t length, uint64_t first, uint64_t end,
    uint64_t *skip)
{
	uint64_t from = position > first ? position : first;
	uint64_t to = position + length < end ? position + length : end;

	if (from >= to)
		return 0;
	*skip = from - position;
	return to - from;
}

/* sendmsg only reads it; struct iovec cannot say so. */
static char *
memory_of(const struct response *response, const struct piece *piece)
{
	if (piece->constant)
		return (char *)(uintptr_t)piece->constant;
	return response->content.memory + piece->offset;
}

int
batch_add_between(struct batch *batch, uint64_t first, uint64_t end)
{
	struct response *response = batch->response;
	uint64_t position = response->position;
	const struct piece *piece;

	for (piece = response->content.first; piece; piece = piece->next) {
		uint64_t skip, wanted;
		int result;

		wanted = batch_overlap(position, piece->length, first, end,
		    &skip);
		position += piece->length;
		if (wanted == 0)
			continue;
		if (piece->fd >= 0)
			result = batch_add_file(batch, piece, skip, wanted);
		else
			result = batch_add(batch,
			    memory_of(response, piece) + skip, (size_t)wanted);
		response->sent += wanted;
		if (result < 0)
			return -1;
	}
	return 0;
}
