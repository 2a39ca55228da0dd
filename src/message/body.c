/*
 * The body of a request. See body.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "message/body.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#include "base/clock.h"
#include "config/limit.h"
#include "http/head.h"
#include "message/channel.h"

/* Chunk extensions and trailers are ignored, so low limits suffice. */
#define MAX_EXTENSION_BYTES 4096
#define MAX_TRAILER_BYTES   8192
#define MAX_TRAILERS	    64

/* Shorter reads of a handler go through the buffer: a read of one octet must
 * not cost a system call. */
#define DIRECT_READ_BYTES 4096

/* At most this is discarded to keep a connection: a new one costs less. */
#define DRAIN_MAX_BYTES	 (256 * 1024)
#define DRAIN_TIMEOUT_MS 2000

void
body_init(struct body *body, struct channel *channel,
    const struct http_head *head)
{
	static const struct chunked_limits limits = {
		.max_extension_bytes = MAX_EXTENSION_BYTES,
		.max_trailer_bytes = MAX_TRAILER_BYTES,
		.max_trailers = MAX_TRAILERS
	};

	memset(body, 0, sizeof(*body));
	body->channel = channel;
	body->max_bytes = UINT64_MAX;
	pace_begin(&body->pace, DRAIN_TIMEOUT_MS, 0);
	if (head->chunked) {
		body->framing = BODY_CHUNKED;
		chunked_init(&body->chunked, &limits);
	} else if (head->content_length > 0) {
		body->framing = BODY_LENGTH;
		body->remaining = (uint64_t)head->content_length;
	}
	body->is_at_end = body->framing == BODY_NONE;
	/* RFC 9110 10.1.1: no 100 (Continue) to HTTP/1.0, nor when content
	 * has already arrived. */
	body->awaits_continue = head->expects_continue && head->minor > 0 &&
	    !body->is_at_end && input_pending(&channel->input) == 0;
}

static void
fail(struct body *body, int status, const char *reason)
{
	body->failure = status;
	body->reason = reason;
}

bool
body_limit(struct body *body, const struct limits *limits)
{
	body->max_bytes = limits->max_body_bytes;
	pace_begin(&body->pace, limits->body_timeout_ms, limits->min_body_rate);
	if (body->remaining <= body->max_bytes)
		return true;
	fail(body, 413, "Content-Length is above max_body");
	return false;
}

static ssize_t
fail_reading(struct body *body, ssize_t n)
{
	if (n < 0 && errno == ETIMEDOUT) {
		fail(body, 408, "the body came too slowly");
	} else if (n < 0 && errno == ETIME) {
		fail(body, 503, "the handler took too long");
	} else {
		body->client_gone = true;
		body->reason = "the client left before its body's end";
	}
	return -1;
}

/* Reads into the buffer, in which nothing is pending. */
static ssize_t
refill(struct body *body)
{
	struct input *input = &body->channel->input;
	ssize_t n;

	input_reuse(input);
	n = netio_read_paced(&body->channel->io, input->data + input->end,
	    input->size - input->end, &body->pace);
	if (n <= 0)
		return fail_reading(body, n);
	input->end += (size_t)n;
	return n;
}

static ssize_t
read_length(struct body *body, void *buffer, size_t size)
{
	struct input *input = &body->channel->input;
	size_t pending;
	ssize_t n;

	if (size > body->remaining)
		size = (size_t)body->remaining;
	if (input_pending(input) == 0 && size < DIRECT_READ_BYTES &&
	    refill(body) < 0)
		return -1;
	pending = input_pending(input);
	if (pending == 0) {
		n = netio_read_paced(&body->channel->io, buffer, size,
		    &body->pace);
		if (n <= 0)
			return fail_reading(body, n);
	} else {
		n = (ssize_t)(pending < size ? pending : size);
		memcpy(buffer, input->data + input->start, (size_t)n);
		input->start += (size_t)n;
	}
	body->remaining -= (uint64_t)n;
	if (body->remaining == 0)
		body->is_at_end = true;
	return n;
}

/* Decodes pending octets only; reads none. */
static void
decode(struct body *body, void *buffer, size_t size, size_t *produced)
{
	struct input *input = &body->channel->input;
	enum chunked_verdict verdict;
	size_t consumed;

	verdict = chunked_decode(&body->chunked, input->data + input->start,
	    input_pending(input), &consumed, buffer, size, produced);
	input->start += consumed;
	if (verdict != CHUNKED_DONE && verdict != CHUNKED_MORE)
		fail(body, chunked_verdict_status(verdict),
		    chunked_verdict_text(verdict));
	else if (body->chunked.announced > body->max_bytes)
		fail(body, 413, "the chunks are above max_body");
	else if (verdict == CHUNKED_DONE)
		body->is_at_end = true;
}

static ssize_t
read_chunked(struct body *body, void *buffer, size_t size)
{
	size_t produced;

	for (;;) {
		if (input_pending(&body->channel->input) == 0 &&
		    refill(body) < 0)
			return -1;
		decode(body, buffer, size, &produced);
		if (body->failure != 0)
			return -1;
		if (produced > 0 || body->is_at_end)
			return (ssize_t)produced;
	}
}

static int
send_continue(struct body *body)
{
	static char line[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct iovec iov = { .iov_base = line, .iov_len = sizeof(line) - 1 };

	body->awaits_continue = false;
	if (netio_write(&body->channel->io, &iov, 1, false, &body->pace) == 0)
		return 0;
	fail_reading(body, -1);
	return -1;
}

ssize_t
body_read(struct body *body, void *buffer, size_t size, bool may_continue)
{
	ssize_t n;

	if (body->failure != 0 || body->client_gone)
		return -1;
	if (body->is_at_end || size == 0)
		return 0;
	if (body->awaits_continue && may_continue && send_continue(body) < 0)
		return -1;
	if (body->framing == BODY_LENGTH)
		n = read_length(body, buffer, size);
	else
		n = read_chunked(body, buffer, size);
	if (n > 0)
		body->read += (uint64_t)n;
	return n;
}

bool
body_is_untouched(const struct body *body)
{
	const struct input *input = &body->channel->input;

	return body->failure == 0 && !body->client_gone && body->read == 0 &&
	    input->start == input->head_end;
}

/* Discards the pending octets of the body. */
static void
drop_pending(struct body *body)
{
	struct input *input = &body->channel->input;
	char waste[1024];
	size_t produced, n = input_pending(input);

	if (body->framing == BODY_LENGTH) {
		if (n > body->remaining)
			n = (size_t)body->remaining;
		input->start += n;
		body->remaining -= n;
		body->is_at_end = body->remaining == 0;
		return;
	}
	while (input_pending(input) > 0 && !body->is_at_end &&
	    body->failure == 0)
		decode(body, waste, sizeof(waste), &produced);
}

bool
body_is_faulty(struct body *body)
{
	if (body->failure == 0 && !body->client_gone && !body->is_at_end)
		drop_pending(body);
	return body->failure != 0;
}

bool
body_may_be_followed(struct body *body, bool final)
{
	if (body->failure != 0 || body->client_gone)
		return false;
	if (final && !body->is_at_end)
		drop_pending(body);
	if (body->is_at_end)
		return true;
	/* Without 100 (Continue) the client may or may not send the body, so
	 * the next octets would be ambiguous. */
	if (body->awaits_continue)
		return false;
	/* A handler that responds while it reads will read on. */
	if (!final)
		return true;
	return body->failure == 0 && body->remaining <= DRAIN_MAX_BYTES;
}

bool
body_drain(struct body *body)
{
	int64_t deadline_ms = clock_ms() + DRAIN_TIMEOUT_MS;
	struct input *input = &body->channel->input;
	size_t dropped = 0;
	ssize_t n;

	for (;;) {
		if (body->failure != 0 || body->client_gone ||
		    body->awaits_continue)
			return false;
		if (!body->is_at_end)
			drop_pending(body);
		if (body->is_at_end)
			return true;
		if (body->failure != 0 || dropped > DRAIN_MAX_BYTES)
			return false;
		input_reuse(input);
		n = netio_read(&body->channel->io, input->data + input->end,
		    input->size - input->end, deadline_ms);
		if (n <= 0)
			return false;
		input->end += (size_t)n;
		dropped += (size_t)n;
	}
}
