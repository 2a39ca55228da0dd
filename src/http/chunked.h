/*
 * The chunked transfer coding (RFC 9112 7.1), decoded piece by piece. Chunk
 * extensions are checked and ignored, trailer fields are checked and dropped: a
 * trailer never changes its request.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HTTP_CHUNKED_H
#define PRONG_HTTP_CHUNKED_H

#include <stddef.h>
#include <stdint.h>

/* Limits for one whole body (RFC 9112 7.1.1 asks for the first). */
struct chunked_limits {
	size_t max_extension_bytes; /* of all size lines, without sizes */
	size_t max_trailer_bytes;   /* of all trailer lines */
	size_t max_trailers;
};

enum chunked_verdict {
	CHUNKED_DONE, /* the body has ended */
	CHUNKED_MORE, /* call again */
	CHUNKED_BAD_SIZE,
	CHUNKED_SIZE_TOO_LARGE,
	CHUNKED_BAD_EXTENSION,
	CHUNKED_EXTENSIONS_TOO_LARGE,
	CHUNKED_BAD_LINE_END,  /* of a size line */
	CHUNKED_BAD_CHUNK_END, /* no CRLF after the data */
	CHUNKED_BAD_TRAILER,
	CHUNKED_TRAILERS_TOO_LARGE
};

struct chunked {
	struct chunked_limits limits;
	/* Octets of all chunks begun so far, so that the caller can check its
	 * limit on a body before the octets arrive. */
	uint64_t announced;
	/* Progress; the decoder's own. */
	int state;
	uint64_t remaining; /* of the chunk */
	unsigned digits;
	size_t extension_bytes, trailer_bytes, trailers;
};

void chunked_init(struct chunked *chunked, const struct chunked_limits *limits);

/*
 * Decodes from in to out until in is used up, out is full or the body ends.
 * *consumed is the number of octets taken from in (none after the end of the
 * body), *produced the number written to out; both are always set. out may be
 * in itself.
 */
enum chunked_verdict chunked_decode(struct chunked *chunked, const char *in,
    size_t in_length, size_t *consumed, char *out, size_t out_size,
    size_t *produced);

/* 400, 413 or 431; 0 for CHUNKED_DONE and CHUNKED_MORE. The connection must
 * close. */
int chunked_verdict_status(enum chunked_verdict verdict);

/* Like http_verdict_text. */
const char *chunked_verdict_text(enum chunked_verdict verdict);

#endif
