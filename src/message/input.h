/*
 * Octets that were received and not yet used. The head of a request stays in
 * place until the request has ended, since pointers lead into it; the body
 * passes through the room behind the head.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_INPUT_H
#define PRONG_MESSAGE_INPUT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The size of a buffer for heads of up to max octets. A head begins in the
 * front half of the buffer; so the back half has room for it, and for at least
 * half of the additional octets for a body.
 */
#define INPUT_SIZE(max) (2 * (max) + 8192)

struct input {
	char *data;
	size_t size;
	size_t head_end;   /* of the current request */
	size_t start, end; /* pending: data[start..end - 1] */
};

void input_init(struct input *input, char *data, size_t size);

static inline size_t
input_pending(const struct input *input)
{
	return input->end - input->start;
}

/* Makes room for more of a head; moves pending octets to the front if needed.
 * False when pending octets fill the buffer. */
bool input_make_room(struct input *input);

/* Keeps the head, which is complete and of length octets. The body follows. */
void input_keep_head(struct input *input, size_t length);

/* Makes room for more of the body. Nothing may be pending. */
void input_reuse(struct input *input);

/* Drops a proxy's header, which comes before the first request. */
void input_skip(struct input *input, size_t length);

/* Ends the request. Pending octets begin the next one. */
void input_drop_head(struct input *input);

#endif
