/*
 * Decides what of a response is sent, and when. See sender.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "message/sender.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <prong/handler.h>

#include "base/scoreboard.h"
#include "config/configuration.h"
#include "http/head.h"
#include "http/status.h"
#include "message/body.h"
#include "message/channel.h"
#include "message/internal.h"
#include "message/preconditions.h"
#include "message/request_id.h"
#include "message/response.h"

void
sender_init(struct sender *sender, struct channel *channel,
    struct response *response, struct body *body)
{
	memset(sender, 0, sizeof(*sender));
	sender->channel = channel;
	sender->response = response;
	sender->body = body;
	sender->may_persist = response->head->keep_alive;
}

void
sender_set_pace(struct sender *sender, int64_t timeout_ms, uint64_t min_rate)
{
	pace_begin(&sender->pace, timeout_ms, min_rate);
}

void
sender_close_after(struct sender *sender)
{
	sender->may_persist = false;
}

void
sender_cut(struct sender *sender)
{
	sender->is_cut = true;
	sender->persists = false;
}

void
sender_forget_error(struct sender *sender)
{
	sender->error = 0;
}

static int
fail(struct sender *sender, int error)
{
	sender->error = error;
	return -1;
}

static bool
decide_persistence(const struct sender *sender, bool finishing)
{
	const struct netio *io = &sender->channel->io;

	if (!sender->may_persist || sender->framing == FRAMING_CLOSE)
		return false;
	if (!body_may_be_followed(sender->body, finishing))
		return false;
	if (sender->channel->page->is_draining)
		return false;
	return !netio_is_orphan(io);
}

/* Returns the value of Content-Length for FRAMING_LENGTH. */
static uint64_t
decide_framing(struct sender *sender, bool is_known, uint64_t total)
{
	struct response *response = sender->response;

	if (status_has_no_content(response->status)) {
		sender->framing = FRAMING_NONE;
		response_limit_window(response, 0);
		return 0;
	}
	if (response->status == 205) { /* RFC 9110 15.3.6 */
		is_known = true;
		total = 0;
	}
	if (!is_known) {
		sender->framing = response->head->minor > 0 ? FRAMING_CHUNKED :
							      FRAMING_CLOSE;
		return 0;
	}
	sender->framing = FRAMING_LENGTH;
	if (response->ranges)
		return response_head_multipart_length(response);
	response_limit_window(response, total);
	return response->window_end - response->window_first;
}

/* By the setting request_id_field. 0, or -1: no memory. */
static int
add_id(const struct sender *sender)
{
	const char *name = sender->channel->configuration->request_id_field;
	char id[REQUEST_ID_BYTES];

	if (!name)
		return 0;
	return response_replace_own_field(sender->response, name,
	    request_id_write(sender->channel, sender->response->head, id));
}

static int
make_head(struct sender *sender, uint64_t content_length, int64_t now)
{
	const struct response_frame frame = { sender->framing, content_length,
		sender->persists };

	if (response_add_policy_fields(sender->response) < 0 ||
	    add_id(sender) < 0)
		return fail(sender, ENOMEM);
	response_settle_prepared(sender->response);
	sender->head = response_head_make(sender->response, &frame, now);
	sender->head_length = sender->head.len;
	return sender->head.data ? 0 : fail(sender, ENOMEM);
}

/*
 * Decides status, fields and framing; only content can follow. *final: the
 * queue has all content. Set when the queue has all that the client needs,
 * after preconditions and for HEAD.
 */
static int
begin(struct sender *sender, bool *final)
{
	struct response *response = sender->response;
	bool finishing = *final;
	bool is_known = response->has_length || finishing;
	uint64_t total = response->has_length ? response->length :
						response->content.length;
	uint64_t content_length;
	int64_t now = time(NULL);

	response_limit_last_modified(response, now);
	if (preconditions_apply(response, now, is_known, total,
		finishing && response->content.length >= total)) {
		*final = true;
		is_known = true;
		if (response->status != 206)
			total = response->content.length;
	}
	content_length = decide_framing(sender, is_known, total);
	response_begin(response);
	sender->persists = decide_persistence(sender, finishing);
	if (response->is_head)
		*final = true;
	return make_head(sender, content_length, now);
}

/* Begins the response. Fails with EAGAIN where it would wait for a file, which
 * another process can do. */
static int
begin_or_leave(struct sender *sender, bool *final)
{
	if (begin(sender, final) < 0)
		return -1;
	sender->would_wait = sender_would_wait(sender);
	return sender->would_wait ? fail(sender, EAGAIN) : 0;
}

/* Sends the queue and the memory that follows it. */
static int
push(struct sender *sender, const void *data, size_t length, bool final)
{
	if (sender->error != 0)
		return -1;
	if (!sender->response->is_begun) {
		if (begin_or_leave(sender, &final) < 0)
			return -1;
		if (final) /* the memory is not needed */
			length = 0;
	}
	if (sender->is_complete)
		return 0;
	return sender_transmit(sender, data, length, final);
}

/* Notes length more octets of a handler. Whether they are still of use. */
static bool
takes_more(struct sender *sender, uint64_t length)
{
	struct response *response = sender->response;
	uint64_t so_far = sender->position + response->content.length;

	response_note_content(response);
	if (length > (uint64_t)INT64_MAX - so_far)
		return false;
	if (response->has_length && so_far + length > response->length)
		sender->is_overlong = true;
	return sender->error == 0 && !sender->is_complete;
}

int
sender_write(struct sender *sender, const void *data, size_t length)
{
	struct content *content = &sender->response->content;

	if (!takes_more(sender, length))
		return -1;
	if (length > content_room(content)) {
		if (push(sender, data, length, false) < 0)
			return -1;
		return sender->is_complete ? -1 : 0;
	}
	if (content_add(content, data, length) == 0)
		return 0;
	return fail(sender, ENOMEM);
}

/* Makes text that is too long for the queue outside of it. */
__attribute__((__format__(__printf__, 2, 0))) static int
write_long_text(struct sender *sender, const char *format, va_list ap)
{
	char *text;
	int n, result;

	n = vasprintf(&text, format, ap);
	if (n < 0)
		return fail(sender, ENOMEM);
	result = sender_write(sender, text, (size_t)n);
	free(text);
	return result;
}

int
sender_format(struct sender *sender, const char *format, va_list ap)
{
	size_t length;
	va_list again;
	int result;

	if (!takes_more(sender, 0))
		return -1;
	va_copy(again, ap);
	result = content_add_format(&sender->response->content, &length, format,
	    again);
	va_end(again);
	if (result == 1)
		return write_long_text(sender, format, ap);
	if (result < 0)
		sender->error = ENOMEM;
	else
		takes_more(sender, 0); /* sets is_overlong */
	return result;
}

int
sender_file(struct sender *sender, int fd, uint64_t offset, uint64_t length)
{
	if (fd < 0)
		return -1;
	if (!takes_more(sender, length) || offset > INT64_MAX - length) {
		close(fd);
		return -1;
	}
	if (content_add_file(&sender->response->content, fd, offset, length) ==
	    0)
		return 0;
	return fail(sender, ENOMEM);
}

int
sender_lend(struct sender *sender, struct prong_loan *loan, const void *data,
    size_t length)
{
	if (!takes_more(sender, length)) {
		loan->release(loan);
		return -1;
	}
	if (content_lend(&sender->response->content, loan, data, length) == 0)
		return 0;
	return fail(sender, ENOMEM);
}

int
sender_lend_file(struct sender *sender, struct prong_loan *loan, int fd,
    uint64_t offset, uint64_t length)
{
	if (fd < 0 || !takes_more(sender, length) ||
	    offset > INT64_MAX - length) {
		loan->release(loan);
		return -1;
	}
	if (content_lend_file(&sender->response->content, loan, fd, offset,
		length) == 0)
		return 0;
	return fail(sender, ENOMEM);
}

int
sender_flush(struct sender *sender)
{
	if (push(sender, NULL, 0, false) < 0)
		return -1;
	return sender->is_complete ? -1 : 0;
}

/* Whether the content is shorter than Content-Length. */
static bool
is_short(const struct sender *sender)
{
	const struct response *response = sender->response;

	return sender->framing == FRAMING_LENGTH && !response->is_head &&
	    !response->ranges && sender->position < response->window_end;
}

int
sender_finish(struct sender *sender)
{
	if (push(sender, NULL, 0, true) == 0 && !is_short(sender))
		return 0;
	sender_cut(sender);
	return -1;
}

bool
sender_was_closed(const struct sender *sender)
{
	return sender->pace.octets == 0 &&
	    (sender->error == EBADF || sender->error == ENOTSOCK);
}

uint64_t
sender_sent(const struct sender *sender)
{
	uint64_t written = sender->pace.octets;

	if (sender->error == 0)
		return sender->sent;
	if (written <= sender->head_length)
		return 0;
	written -= sender->head_length;
	return written < sender->sent ? written : sender->sent;
}
