/*
 * The chunked coding (RFC 9112 7.1) as a client reads it, without extensions
 * and trailers, which nobody asked here sends. It has nothing of the server's
 * own decoder, whose faults it is to notice. Pure.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef BENCH_CHUNKS_H
#define BENCH_CHUNKS_H

#include <stddef.h>
#include <stdint.h>

/* What is awaited. All zero is the beginning. */
enum chunk_step {
	CHUNK_SIZE,
	CHUNK_SIZE_LF,
	CHUNK_DATA,
	CHUNK_DATA_CR,
	CHUNK_DATA_LF,
	CHUNK_END_CR,
	CHUNK_END_LF,
	CHUNK_OVER,
	CHUNK_MALFORMED
};

struct chunks {
	enum chunk_step step;
	unsigned digits; /* of the size so far */
	uint64_t left;	 /* of the chunk */
};

/* How many of the octets are content; when there are none, takes one of the
 * framing. Content is for the caller to take, by chunks_took. */
size_t chunks_content(struct chunks *chunks, const char *data, size_t length);
void chunks_took(struct chunks *chunks, size_t length);

#endif
