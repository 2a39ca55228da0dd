/*
 * The sender of a response: decides the response's framing, has its head made,
 * and sends what of its content is wanted. It says nothing of the response
 * itself (response.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_SENDER_H
#define PRONG_MESSAGE_SENDER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "message/pace.h"
#include "message/response_head.h"

struct body;
struct channel;
struct response;

/* Written by sender.c and sender_batch.c alone. */
struct sender {
	struct channel *channel;
	struct response *response;
	struct body *body;  /* of the request */
	int64_t started_ms; /* when the request began, by clock_ms */
	bool may_persist;   /* as far as the request goes */
	struct pace pace;

	enum response_framing framing;
	bool is_complete;  /* nothing more is wanted */
	bool persists;	   /* another request may follow */
	struct slice head; /* not sent yet; else empty */
	size_t head_length;
	uint64_t position; /* in the content, of what is sent next */
	uint64_t sent;	   /* octets of content, or tried to be */
	char *scratch;	   /* small files on their way */
	size_t scratch_used, scratch_size;

	/* What went wrong. */
	int error;	  /* errno of the sending, 0: none */
	bool is_cut;	  /* it can never be complete */
	bool is_overlong; /* more than was promised: dropped */
	int file_error;	  /* errno; ENODATA: the file shrank */
};

/* Sets all of it. All are borrowed for as long as the request lasts. */
void sender_init(struct sender *sender, struct channel *channel,
    struct response *response, struct body *body, int64_t started_ms);

/* How slowly the client may take the response (pace.h). */
void sender_set_pace(struct sender *sender, int64_t timeout_ms,
    uint64_t min_rate);

/* No request follows this one. Not once the response has begun. */
void sender_close_after(struct sender *sender);

/* What is under way can only be cut short. */
void sender_cut(struct sender *sender);

/* Another response may take the place of one that has not begun, for lack of
 * memory. */
void sender_forget_error(struct sender *sender);

/*
 * What handlers write. 0, or -1 when nothing more is wanted: the client has
 * gone (sender->error), or has all of the response that it asked for.
 */
int sender_write(struct sender *sender, const void *data, size_t length);
int sender_format(struct sender *sender, const char *format, va_list ap)
    __attribute__((__format__(__printf__, 2, 0)));
/* The descriptor is taken over. */
int sender_file(struct sender *sender, int fd, uint64_t offset,
    uint64_t length);

/* Sends what was written so far. */
int sender_flush(struct sender *sender);

/* Sends the rest, after which sender->persists is final. 0, or -1 when the
 * response could not be completed. */
int sender_finish(struct sender *sender);

/* Octets of content that went out, as nearly as can be told of a response that
 * could not be sent in full. */
uint64_t sender_sent(const struct sender *sender);

#endif
