/*
 * The sender of a response: decides the framing, has the head made, and sends
 * the selected part of the content. Status and fields are in response.h.
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
struct prong_loan;
struct response;

/* Written by sender.c and sender_batch.c only. */
struct sender {
	struct channel *channel;
	struct response *response;
	struct body *body; /* of the request */
	bool may_persist;  /* if body and generation allow, too */
	struct pace pace;

	enum response_framing framing;
	bool is_complete;  /* no more octets are to be sent */
	bool persists;	   /* another request may follow */
	struct slice head; /* not sent yet; else empty */
	size_t head_length;
	uint64_t position;  /* in the content, of the next octet to send */
	uint64_t sent;	    /* octets of content, sent or tried */
	uint64_t seen_turn; /* in which its files were seen in memory; or 0 */
	char *scratch;	    /* content of small files */
	size_t scratch_used, scratch_size;

	/* Errors. */
	int error;	  /* errno of sending; 0: none */
	bool is_cut;	  /* the response stays incomplete */
	bool would_wait;  /* for a file: nothing was sent (sender_would_wait) */
	bool is_overlong; /* content beyond the set length was dropped */
	int file_error;	  /* errno; ENODATA: a file shrank */
};

/* Sets all members. Borrows its arguments for as long as the request lasts. */
void sender_init(struct sender *sender, struct channel *channel,
    struct response *response, struct body *body);

/* Sets how slowly the client may take the response (pace.h). */
void sender_set_pace(struct sender *sender, int64_t timeout_ms,
    uint64_t min_rate);

/* The connection closes after this response, which must not have begun. */
void sender_close_after(struct sender *sender);

/* Cuts the response; the connection closes. */
void sender_cut(struct sender *sender);

/* Clears the error of a response that has not begun for lack of memory, so that
 * another response can take its place. */
void sender_forget_error(struct sender *sender);

/*
 * Write content of a handler. 0, or -1 when no more is of use: sending has
 * failed (sender->error), or the client has all that it asked for.
 */
int sender_write(struct sender *sender, const void *data, size_t length);
int sender_format(struct sender *sender, const char *format, va_list ap)
    __attribute__((__format__(__printf__, 2, 0)));
/* Takes over the descriptor. */
int sender_file(struct sender *sender, int fd, uint64_t offset,
    uint64_t length);

/* The same with what a handler lends; it gets that back on failure, too. */
int sender_lend(struct sender *sender, struct prong_loan *loan,
    const void *data, size_t length);
int sender_lend_file(struct sender *sender, struct prong_loan *loan, int fd,
    uint64_t offset, uint64_t length);

/* Sends the content written so far. */
int sender_flush(struct sender *sender);

/* Sends the rest; sender->persists is final then. 0, or -1 when the response is
 * incomplete. */
int sender_finish(struct sender *sender);

/* Whether a handler has closed the socket of the client, and nothing was sent
 * before. */
bool sender_was_closed(const struct sender *sender);

/* Octets of content sent; an estimate after an error. */
uint64_t sender_sent(const struct sender *sender);

#endif
