/*
 * An answer, read piece by piece as it comes, and checked against what is
 * expected. Knows answers with a Content-Length and no others. Pure.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef BENCH_ANSWER_H
#define BENCH_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ANSWER_HEAD_BYTES	8192

struct expectation {
	int status;
	const char *body;		/* NULL: any */
	uint64_t body_length;
};

enum answer_state {
	ANSWER_INCOMPLETE,
	ANSWER_COMPLETE,
	ANSWER_MALFORMED,
	ANSWER_WRONG_STATUS,
	ANSWER_MISMATCH			/* another body than expected */
};

struct answer {
	char head[ANSWER_HEAD_BYTES];
	size_t head_length;
	bool has_head;
	bool close;			/* the server will close */
	uint64_t length;		/* Content-Length */
	uint64_t received;		/* of the body */
};

/* For the next answer: clears what must be, and not the whole head. */
void answer_begin(struct answer *answer);

/* Takes the next octets. One answer is awaited at a time, so octets beyond its
 * end make it malformed. */
enum answer_state answer_take(struct answer *answer, const char *data,
    size_t length, const struct expectation *expected);

#endif
