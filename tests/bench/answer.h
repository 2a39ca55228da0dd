/*
 * An answer, read piece by piece as it comes, and checked against what is
 * expected. Knows answers with a Content-Length and chunked ones, and no
 * others. Pure.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef BENCH_ANSWER_H
#define BENCH_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chunks.h"

#define ANSWER_HEAD_BYTES 8192

struct answer;

/* Whether the next octets of the content are as they should be; received says
 * how many came before. */
typedef bool answer_check(const struct answer *answer, const char *data,
    size_t length, void *of);

struct expectation {
	int status;
	uint64_t body_length; /* UINT64_MAX: any */
	const char *body;     /* NULL: any */
	answer_check *check;  /* NULL: no further check */
	void *of;	      /* its last argument */
};

enum answer_state {
	ANSWER_INCOMPLETE,
	ANSWER_COMPLETE,
	ANSWER_MALFORMED,
	ANSWER_WRONG_STATUS,
	ANSWER_MISMATCH /* another body than expected */
};

struct answer {
	char head[ANSWER_HEAD_BYTES]; /* ends with NUL once it is whole */
	size_t head_length;
	bool has_head;
	int status; /* once the head is whole */
	bool close; /* the server will close */
	bool is_chunked;
	uint64_t length;   /* Content-Length */
	uint64_t received; /* of the body */
	struct chunks chunks;
};

/* For the next answer: clears what must be, and not the whole head. */
void answer_begin(struct answer *answer);

/* Takes the next octets. One answer is awaited at a time, so octets beyond its
 * end make it malformed. */
enum answer_state answer_take(struct answer *answer, const char *data,
    size_t length, const struct expectation *expected);

/* The value of the first field of that name, up to the end of its line; NULL
 * when the head, which must be whole, has none. */
const char *answer_field(const struct answer *answer, const char *name);

#endif
