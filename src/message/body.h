/*
 * The body of a request, read when a handler asks for it. What no handler asked
 * for is thrown away when the response is out, if it is little; otherwise the
 * connection cannot be used any longer.
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
	uint64_t remaining; /* BODY_LENGTH: not read yet */
	uint64_t read;	    /* handed out so far */
	uint64_t max_bytes;
	bool awaits_continue; /* the client does, before it sends */
	bool is_at_end;
	int failure; /* status to respond with, 0: none */
	bool client_gone;
	const char *reason; /* of failure; constant text */
	struct chunked chunked;
	struct pace pace;
};

/* Sets all of it, whatever the request before has left in it. */
void body_init(struct body *body, struct channel *channel,
    const struct http_head *head);

/* The limits of the route. False when the length is known to be too large:
 * failure is then 413. */
bool body_limit(struct body *body, const struct limits *limits);

/*
 * Reads at most size octets of content: their number, 0 at the end, -1 when
 * it cannot be had, with failure or client_gone set. may_continue: the
 * response has not begun, so a client that waits for 100 (Continue) is sent it.
 */
ssize_t body_read(struct body *body, void *buffer, size_t size,
    bool may_continue);

/* Called before the head of a response is made: whether another request can
 * follow this one's body. final: no handler will read it any more. */
bool body_may_be_followed(struct body *body, bool final);

/* Throws away the rest. False when the connection cannot be used again. */
bool body_drain(struct body *body);

#endif
