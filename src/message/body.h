/*
 * The body of a request, read when a handler asks for it. After the response, a
 * short unread rest is discarded; after a longer one the connection closes.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_BODY_H
#define PRONG_MESSAGE_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "http/chunked.h"
#include "message/pace.h"

struct channel;
struct http_head;
struct limits;

enum body_framing { BODY_NONE, BODY_LENGTH, BODY_CHUNKED };

struct body {
	struct channel *channel;
	enum body_framing framing;
	uint64_t remaining; /* BODY_LENGTH: octets not read yet */
	uint64_t read;	    /* octets returned so far */
	uint64_t max_bytes;
	bool awaits_continue; /* the client waits for 100 (Continue) */
	bool is_at_end;
	int failure; /* status of the response; 0: none */
	bool client_gone;
	const char *reason; /* of failure; constant text */
	struct chunked chunked;
	struct pace pace;
};

/* Sets all members, whatever the previous request has left in them. */
void body_init(struct body *body, struct channel *channel,
    const struct http_head *head);

/* Sets the limits of the route. False when Content-Length is above them:
 * failure is then 413. */
bool body_limit(struct body *body, const struct limits *limits);

/*
 * Reads at most size octets of content. Their number; 0 at the end; -1 with
 * failure or client_gone set. may_continue: the response has not begun, so a
 * client that waits for 100 (Continue) gets it.
 */
ssize_t body_read(struct body *body, void *buffer, size_t size,
    bool may_continue);

/* Whether nothing of the body was read or discarded, nor 100 (Continue) sent. */
bool body_is_untouched(const struct body *body);

/* Whether what has arrived of the body, and no handler will read, is malformed or
 * too large; failure is then set. Reads nothing. */
bool body_is_faulty(struct body *body);

/* Whether another request can follow the body. To be called before the head of
 * the response is made. final: no handler will read the body any more. */
bool body_may_be_followed(struct body *body, bool final);

/* Discards the rest. False when the connection must close. */
bool body_drain(struct body *body);

#endif
