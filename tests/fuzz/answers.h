/*
 * Reads what a server sent as a client would that believes nothing: asserts
 * that it is a row of well-formed answers (RFC 9112).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_ANSWERS_H
#define PRONG_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>

struct answer {
	int status;
	bool is_complete; /* false: the octets ended before it */
	bool closes;	  /* Connection: close */
	bool is_multipart;
	const char *fields; /* in the octets, with the empty line */
	size_t fields_length;
	const char *body; /* in the octets, chunked or not */
	size_t body_length;
};

/* Takes a final answer, and 100 (Continue) before it, off the octets; returns
 * how many. to_head: the request was HEAD. */
size_t answers_take(const char *data, size_t size, bool to_head,
    struct answer *answer);

#endif
