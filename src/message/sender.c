/*
 * Sends an answer. See sender.h.
 *
 * Everything that can go out at once does: head, small files read into memory,
 * chunk lines and memory are gathered in one sendmsg. Only a large file is
 * handed to the kernel by sendfile.
 *
 * SPDX-License-Identifier: ISC
 */
#include "message/sender.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/scoreboard.h"
#include "http/head.h"
#include "http/status.h"
#include "message/batch.h"
#include "message/body.h"
#include "message/netio.h"
#include "message/preconditions.h"
#include "message/response.h"
#include "message/response_head.h"

/* A request that took longer is worth a look whether the generation ended
 * meanwhile; for a shorter one, the look before it has to do. */
#define LONG_REQUEST_MS 20

static const char *
part_type(const struct response *response)
{
	const char *type = response_field(response, "Content-Type");

	return type ? type : RESPONSEHEAD_DEFAULT_TYPE;
}

static int
batch_add_part_head(struct batch *batch, const struct range *part)
{
	struct response *response = batch->response;
	const char *type = part_type(response);
	size_t size = RESPONSEHEAD_PART_BYTES(strlen(type));
	char *text = arena_alloc_text(response->arena, size);
	size_t length;

	if (!text) {
		response->error = ENOMEM;
		return -1;
	}
	length = responsehead_write_part(response, type, part, text, size);
	response->sent += length;
	return batch_add(batch, text, length);
}

static int
batch_add_parts(struct batch *batch)
{
	const struct response *response = batch->response;

	for (size_t i = 0; i < response->range_count; i++) {
		const struct range *part = &response->ranges[i];

		if (batch_add_part_head(batch, part) < 0 ||
		    batch_add_between(batch, part->first, part->last + 1) < 0)
			return -1;
	}
	return batch_add_part_head(batch, NULL);
}

static uint64_t
multipart_length(const struct response *response)
{
	const char *type = part_type(response);
	uint64_t length = 0;

	for (size_t i = 0; i < response->range_count; i++) {
		const struct range *part = &response->ranges[i];

		length += responsehead_write_part(response, type, part, NULL,
		    0);
		length += part->last - part->first + 1;
	}
	return length + responsehead_write_part(response, type, NULL, NULL, 0);
}

/* The queue, and the memory that follows it and was not worth a copy. */
static int
batch_add_content(struct batch *batch, const void *data, size_t length)
{
	struct response *response = batch->response;
	uint64_t skip, wanted;

	if (batch_add_between(batch, response->window_first,
		response->window_end) < 0)
		return -1;
	response->position += response->content.length;
	wanted = batch_overlap(response->position, length,
	    response->window_first, response->window_end, &skip);
	response->position += length;
	if (wanted == 0)
		return 0;
	response->sent += wanted;
	/* sendmsg only reads it; struct iovec cannot say so. */
	return batch_add(batch, (char *)(uintptr_t)data + skip, (size_t)wanted);
}

static int
batch_add_chunk(struct batch *batch, const void *data, size_t length,
    bool final, char line[24])
{
	static char end_of_chunk[] = "\r\n", last_chunk[] = "0\r\n\r\n";
	uint64_t size = batch->response->content.length + length;

	if (size > 0) {
		int n = snprintf(line, 24, "%" PRIx64 "\r\n", size);

		if (batch_add(batch, line, (size_t)n) < 0 ||
		    batch_add_content(batch, data, length) < 0 ||
		    batch_add(batch, end_of_chunk, 2) < 0)
			return -1;
	}
	return final ? batch_add(batch, last_chunk, 5) : 0;
}

static int
fill_batch(struct batch *batch, const void *data, size_t length, bool final,
    char line[24])
{
	struct response *response = batch->response;

	if (response->head_text &&
	    batch_add(batch, response->head_text, response->head_length) < 0)
		return -1;
	response->head_text = NULL;
	if (response->is_head || response->framing == FRAMING_NONE)
		return 0;
	if (response->ranges)
		return batch_add_parts(batch);
	if (response->framing == FRAMING_CHUNKED)
		return batch_add_chunk(batch, data, length, final, line);
	return batch_add_content(batch, data, length);
}

/* Sends the queue and the memory that follows it. final: nothing follows. */
static int
transmit(struct response *response, const void *data, size_t length, bool final)
{
	struct batch batch;
	char line[24];
	int result;

	batch.response = response;
	batch.count = 0;
	result = fill_batch(&batch, data, length, final, line);
	if (result == 0)
		result = batch_send(&batch, false);
	content_clear(&response->content);
	if (final || response->position >= response->window_end)
		response->is_complete = true;
	return result;
}

static bool
decide_persistence(struct response *response, bool finishing)
{
	if (!response->may_persist || response->framing == FRAMING_CLOSE)
		return false;
	if (!body_may_be_followed(response->body, finishing))
		return false;
	if (response->io->page->is_draining)
		return false;
	if (clock_ms() - response->started_ms < LONG_REQUEST_MS)
		return !response->io->is_orphan;
	return !netio_is_orphan(response->io);
}

/* Returns the value for Content-Length, where there is one. */
static uint64_t
decide_framing(struct response *response, bool is_known, uint64_t total)
{
	if (status_has_no_content(response->status)) {
		response->framing = FRAMING_NONE;
		response->window_end = 0;
		return 0;
	}
	if (response->status == 205) { /* RFC 9110 15.3.6 */
		is_known = true;
		total = 0;
	}
	if (!is_known) {
		response->framing = response->head->minor > 0 ?
		    FRAMING_CHUNKED :
		    FRAMING_CLOSE;
		return 0;
	}
	response->framing = FRAMING_LENGTH;
	if (response->ranges)
		return multipart_length(response);
	if (response->window_end > total)
		response->window_end = total;
	return response->window_end - response->window_first;
}

/*
 * Decides status, fields and framing, after which only content can follow.
 * *final: what is in the queue is all; it may turn out that all that is wanted
 * is there already.
 */
static int
begin(struct response *response, bool *final)
{
	bool finishing = *final;
	bool is_known = response->has_length || finishing;
	uint64_t total = response->has_length ? response->length :
						response->content.length;
	uint64_t content_length;
	int64_t now = time(NULL);

	/* RFC 9110 8.8.2.1 */
	if (response->has_last_modified && response->last_modified > now)
		response->last_modified = now;
	if (preconditions_apply(response, now, is_known, total,
		finishing && response->content.length >= total)) {
		*final = true;
		is_known = true;
		if (response->status != 206)
			total = response->content.length;
	}
	content_length = decide_framing(response, is_known, total);
	response->is_begun = true;
	response->persists = decide_persistence(response, finishing);
	if (response->is_head)
		*final = true;
	if (response_add_policy_fields(response) == 0 &&
	    responsehead_make(response, now, content_length) == 0)
		return 0;
	response->error = ENOMEM;
	return -1;
}

/* Sends the queue and the memory that follows it. */
static int
push(struct response *response, const void *data, size_t length, bool final)
{
	if (response->error != 0)
		return -1;
	if (!response->is_begun) {
		if (begin(response, &final) < 0)
			return -1;
		if (final) /* what follows is not wanted */
			length = 0;
	}
	if (response->is_complete)
		return 0;
	return transmit(response, data, length, final);
}

/* Whether a handler's content is still of use. */
static bool
takes_more(struct response *response, uint64_t length)
{
	uint64_t so_far = response->position + response->content.length;

	response->has_content = true; /* be it empty */
	if (length > (uint64_t)INT64_MAX - so_far)
		return false;
	if (response->has_length && so_far + length > response->length)
		response->is_overlong = true;
	return response->error == 0 && !response->is_complete;
}

int
sender_write(struct response *response, const void *data, size_t length)
{
	if (!takes_more(response, length))
		return -1;
	if (length > content_room(&response->content)) {
		if (push(response, data, length, false) < 0)
			return -1;
		return response->is_complete ? -1 : 0;
	}
	if (content_add(&response->content, data, length) == 0)
		return 0;
	response->error = ENOMEM;
	return -1;
}

/* Text that is too long for the queue: made outside, sent behind it. */
__attribute__((__format__(__printf__, 2, 0))) static int
write_long_text(struct response *response, const char *format, va_list ap)
{
	char *text;
	int n, result;

	n = vasprintf(&text, format, ap);
	if (n < 0) {
		response->error = ENOMEM;
		return -1;
	}
	result = sender_write(response, text, (size_t)n);
	free(text);
	return result;
}

int
sender_format(struct response *response, const char *format, va_list ap)
{
	size_t length;
	va_list again;
	int result;

	if (!takes_more(response, 0))
		return -1;
	va_copy(again, ap);
	result = content_add_format(&response->content, &length, format, again);
	va_end(again);
	if (result == 1)
		return write_long_text(response, format, ap);
	if (result < 0)
		response->error = ENOMEM;
	else
		takes_more(response, 0); /* more than promised? */
	return result;
}

int
sender_file(struct response *response, int fd, uint64_t offset, uint64_t length)
{
	if (fd < 0)
		return -1;
	if (!takes_more(response, length) || offset > INT64_MAX - length) {
		close(fd);
		return -1;
	}
	if (content_add_file(&response->content, fd, offset, length) == 0)
		return 0;
	response->error = ENOMEM;
	return -1;
}

int
sender_flush(struct response *response)
{
	if (push(response, NULL, 0, false) < 0)
		return -1;
	return response->is_complete ? -1 : 0;
}

int
sender_finish(struct response *response)
{
	if (push(response, NULL, 0, true) < 0) {
		response->is_cut = true;
		response->persists = false;
		return -1;
	}
	if (response->framing == FRAMING_LENGTH && !response->is_head &&
	    !response->ranges && response->position < response->window_end) {
		response->is_cut = true;
		response->persists = false;
		return -1;
	}
	return 0;
}
