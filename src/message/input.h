/*
 * Octets that were received and not yet used. A request's head stays where it
 * lies until the request has ended, since everything points into it; its body
 * passes through the room behind the head.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_INPUT_H
#define PRONG_MESSAGE_INPUT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The size of a buffer for heads of up to max octets: a head begins in its
 * front half, so that it and at least half of the additional room for a body
 * fit behind.
 */
#define INPUT_SIZE(max) (2 * (max) + 8192)

struct input {
	char *data;
	size_t size;
	size_t head_end;   /* of the request being served */
	size_t start, end; /* not used yet: data[start..end - 1] */
};

void input_init(struct input *input, char *data, size_t size);

static inline size_t
input_pending(const struct input *input)
{
	return input->end - input->start;
}

/* Makes room for more of a head, moving what is pending to the front if it
 * must. False when the buffer is full of it. */
bool input_make_room(struct input *input);

/* The head of that many octets is complete: it stays, what follows is the
 * body's. */
void input_keep_head(struct input *input, size_t length);

/* Makes room for more of the body, once nothing is pending. */
void input_reuse(struct input *input);

/* What stood before the first request has been read: it goes. */
void input_skip(struct input *input, size_t length);

/* The request has ended: what is pending begins the next one. */
void input_drop_head(struct input *input);

#endif
