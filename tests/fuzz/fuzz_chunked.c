/*
 * A chunked body, whole and in pieces, beside its own memory and in it; and any
 * octets, once they are encoded. The first octet chooses the pieces, the second
 * the room for what comes out, the third the limits.
 *
 * SPDX-License-Identifier: ISC
 */
#include "fuzz.h"

#include <stdio.h>

#include "http/chunked.h"

struct decoded {
	struct chunked chunked;
	enum chunked_verdict verdict;
	size_t consumed;
	char *out; /* as large as the input */
	size_t length;
};

static const struct chunked_limits large = { 4096, 8192, 64 };
static const struct chunked_limits small = { 8, 24, 2 };

static void
begin(struct decoded *decoded, size_t size, const struct chunked_limits *limits)
{
	chunked_init(&decoded->chunked, limits);
	decoded->verdict = CHUNKED_MORE;
	decoded->consumed = 0;
	decoded->length = 0;
	decoded->out = fuzz_room(size);
}

static void
check_step(enum chunked_verdict verdict, size_t size, size_t consumed,
    size_t room, size_t produced)
{
	int status = chunked_verdict_status(verdict);

	assert(consumed <= size && produced <= room && produced <= consumed);
	/* Either is used up, or the body has ended. */
	assert(verdict != CHUNKED_MORE || consumed == size || produced == room);
	assert(chunked_verdict_text(verdict)[0] != '\0');
	assert((verdict == CHUNKED_DONE || verdict == CHUNKED_MORE) ?
		status == 0 :
		status == 400 || status == 413 || status == 431);
}

/* Returns how much of the piece was taken. */
static size_t
step(struct decoded *decoded, const char *piece, size_t size, size_t room)
{
	char *out = fuzz_room(room);
	size_t consumed, produced;

	decoded->verdict = chunked_decode(&decoded->chunked, piece, size,
	    &consumed, out, room, &produced);
	check_step(decoded->verdict, size, consumed, room, produced);
	if (produced > 0)
		memcpy(decoded->out + decoded->length, out, produced);
	decoded->length += produced;
	decoded->consumed += consumed;
	free(out);
	return consumed;
}

static void
decode(struct decoded *decoded, const uint8_t *data, size_t size,
    uint8_t choice, size_t room)
{
	struct fuzz_pieces pieces = fuzz_pieces(choice);
	size_t at = 0;

	while (decoded->verdict == CHUNKED_MORE && at < size) {
		size_t length = fuzz_piece(&pieces, size - at), taken = 0;
		char *piece = fuzz_copy(data + at, length);

		while (decoded->verdict == CHUNKED_MORE && taken < length)
			taken += step(decoded, piece + taken, length - taken,
			    room);
		free(piece);
		at += length;
	}
}

static void
check_same(const struct decoded *a, const struct decoded *b)
{
	assert(a->verdict == b->verdict);
	assert(a->consumed == b->consumed);
	assert(a->chunked.announced == b->chunked.announced);
	assert(a->length == b->length);
	assert(a->length == 0 || memcmp(a->out, b->out, a->length) == 0);
}

static void
check_in_place(const struct decoded *whole, const uint8_t *data, size_t size,
    const struct chunked_limits *limits)
{
	struct decoded in_place;

	begin(&in_place, 0, limits);
	free(in_place.out);
	in_place.out = fuzz_copy(data, size);
	in_place.verdict = chunked_decode(&in_place.chunked, in_place.out, size,
	    &in_place.consumed, in_place.out, size, &in_place.length);
	check_same(whole, &in_place);
	free(in_place.out);
}

/* Encodes data, and adds an octet that belongs to nobody. */
static char *
encode(const uint8_t *data, size_t size, uint8_t choice, size_t *length)
{
	struct fuzz_pieces pieces = fuzz_pieces(choice);
	char *text = fuzz_room(size * 8 + 16), *at = text;
	size_t taken = 0;

	while (taken < size) {
		size_t piece = fuzz_piece(&pieces, size - taken);

		at += sprintf(at, piece & 1 ? "%zx\r\n" : "0%zX\r\n", piece);
		at = mempcpy(at, data + taken, piece);
		at = mempcpy(at, "\r\n", 2);
		taken += piece;
	}
	at = stpcpy(at, "0\r\n\r\nX");
	*length = (size_t)(at - text);
	return text;
}

static void
check_encoded(const uint8_t *data, size_t size, uint8_t choice, size_t room)
{
	struct decoded decoded;
	size_t length;
	char *text = encode(data, size, choice, &length);

	begin(&decoded, length, &large);
	decode(&decoded, (const uint8_t *)text, length, choice ^ 1, room);
	assert(decoded.verdict == CHUNKED_DONE);
	assert(decoded.consumed == length - 1);
	assert(decoded.length == size);
	assert(decoded.chunked.announced == size);
	assert(size == 0 || memcmp(decoded.out, data, size) == 0);
	free(decoded.out);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t choice = fuzz_choice(&data, &size);
	size_t room = fuzz_choice(&data, &size) % 32 + 1;
	const struct chunked_limits *limits = fuzz_choice(&data, &size) & 1 ?
	    &small :
	    &large;
	struct decoded whole, pieces;

	begin(&whole, size, limits);
	decode(&whole, data, size, '0', size + 1);
	begin(&pieces, size, limits);
	decode(&pieces, data, size, choice, room);
	check_same(&whole, &pieces);
	assert(whole.chunked.announced >= whole.length);
	if (size > 0)
		check_in_place(&whole, data, size, limits);
	check_encoded(data, size, choice, room);
	free(whole.out);
	free(pieces.out);
	return 0;
}
