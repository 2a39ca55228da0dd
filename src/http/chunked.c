/*
 * Each octet is one step, but chunk data is copied in whole pieces:
 *
 *	SIZE_FIRST -hex-> SIZE -CR-> SIZE_LF -LF-> DATA -end-> DATA_CR
 *	                  SIZE -;-> EXT_...  -CR-> SIZE_LF
 *	DATA_CR -CR-> DATA_LF -LF-> SIZE_FIRST
 *	SIZE_LF of size 0 -LF-> LINE -CR-> END_LF -LF-> ENDED
 *	                        LINE -tchar-> NAME -:-> VALUE -CR-> VALUE_LF
 *	                        VALUE_LF -LF-> LINE
 *
 * BWS is accepted only where the grammar has it: before ";" and around "=",
 * never before CR (RFC 9112 7.1.1).
 *
 * SPDX-License-Identifier: ISC
 */
#include "http/chunked.h"

#include <stdbool.h>
#include <string.h>

#include "http/fields.h"

/* Enough for every 64-bit size. Further digits can only follow leading zeros.
 * They count as an extension, so that the length of a size line is limited. */
#define SIZE_DIGITS 16

enum {
	SIZE_FIRST,
	SIZE,
	EXT_BEFORE_SEMICOLON, /* BWS was seen */
	EXT_BEFORE_NAME,
	EXT_NAME,
	EXT_AFTER_NAME, /* BWS was seen */
	EXT_BEFORE_VALUE,
	EXT_TOKEN,
	EXT_QUOTED,
	EXT_ESCAPED,
	EXT_AFTER_QUOTED,
	SIZE_LF,
	DATA,
	DATA_CR,
	DATA_LF,
	LINE,
	NAME,
	VALUE,
	VALUE_LF,
	END_LF,
	ENDED
};

static const struct {
	int status;
	const char *text;
} verdicts[] = {
	[CHUNKED_DONE] = { 0, "the body is complete" },
	[CHUNKED_MORE] = { 0, "the body is not complete" },
	[CHUNKED_BAD_SIZE] = { 400, "a chunk size is not a hex number" },
	[CHUNKED_SIZE_TOO_LARGE] = { 413, "the chunks are too large" },
	[CHUNKED_BAD_EXTENSION] = { 400, "a chunk extension is malformed" },
	[CHUNKED_EXTENSIONS_TOO_LARGE] = { 413,
	    "the chunk extensions are too large" },
	[CHUNKED_BAD_LINE_END] = { 400,
	    "a chunk size line does not end in CRLF" },
	[CHUNKED_BAD_CHUNK_END] = { 400, "a chunk is not followed by CRLF" },
	[CHUNKED_BAD_TRAILER] = { 400, "a trailer field line is malformed" },
	[CHUNKED_TRAILERS_TOO_LARGE] = { 431,
	    "the trailer section is too large" },
};

int
chunked_verdict_status(enum chunked_verdict verdict)
{
	return verdicts[verdict].status;
}

const char *
chunked_verdict_text(enum chunked_verdict verdict)
{
	return verdicts[verdict].text;
}

void
chunked_init(struct chunked *chunked, const struct chunked_limits *limits)
{
	memset(chunked, 0, sizeof(*chunked));
	chunked->limits = *limits;
	chunked->state = SIZE_FIRST;
}

static int
hex_value(unsigned char octet)
{
	if (octet >= '0' && octet <= '9')
		return octet - '0';
	octet |= 0x20;
	return octet >= 'a' && octet <= 'f' ? octet - 'a' + 10 : -1;
}

static enum chunked_verdict
go(struct chunked *chunked, int state)
{
	chunked->state = state;
	return CHUNKED_MORE;
}

static enum chunked_verdict
count_extension(struct chunked *chunked)
{
	if (chunked->extension_bytes == chunked->limits.max_extension_bytes)
		return CHUNKED_EXTENSIONS_TOO_LARGE;
	chunked->extension_bytes++;
	return CHUNKED_MORE;
}

/* The whole body stays below 2^63 octets, like Content-Length. */
static enum chunked_verdict
add_digit(struct chunked *chunked, int digit)
{
	if (chunked->remaining > (uint64_t)INT64_MAX >> 4)
		return CHUNKED_SIZE_TOO_LARGE;
	chunked->remaining = chunked->remaining << 4 | (uint64_t)digit;
	if (chunked->remaining > INT64_MAX - chunked->announced)
		return CHUNKED_SIZE_TOO_LARGE;
	chunked->state = SIZE;
	if (chunked->digits < SIZE_DIGITS) {
		chunked->digits++;
		return CHUNKED_MORE;
	}
	return count_extension(chunked);
}

static enum chunked_verdict
step_size(struct chunked *chunked, unsigned char octet)
{
	int digit = hex_value(octet);

	if (digit >= 0)
		return add_digit(chunked, digit);
	if (chunked->state == SIZE_FIRST)
		return CHUNKED_BAD_SIZE;
	if (octet == '\r')
		return go(chunked, SIZE_LF);
	if (octet == '\n')
		return CHUNKED_BAD_LINE_END;
	if (octet == ';')
		chunked->state = EXT_BEFORE_NAME;
	else if (octet == ' ' || octet == '\t')
		chunked->state = EXT_BEFORE_SEMICOLON;
	else
		return CHUNKED_BAD_SIZE;
	return count_extension(chunked);
}

/* The state after a name or a value, or after BWS there; -1: malformed. */
static int
state_after_part(int state, unsigned char octet)
{
	if (octet == ';')
		return EXT_BEFORE_NAME;
	if (octet == ' ' || octet == '\t')
		return state == EXT_NAME || state == EXT_AFTER_NAME ?
		    EXT_AFTER_NAME :
		    EXT_BEFORE_SEMICOLON;
	if (octet == '=' && (state == EXT_NAME || state == EXT_AFTER_NAME))
		return EXT_BEFORE_VALUE;
	return -1;
}

static int
state_in_quoted(int state, unsigned char octet)
{
	if (!fields_is_value_octet(octet))
		return -1;
	if (state == EXT_ESCAPED)
		return EXT_QUOTED;
	return octet == '"' ? EXT_AFTER_QUOTED :
	    octet == '\\'   ? EXT_ESCAPED :
			      EXT_QUOTED;
}

/* The state after an octet of an extension, CR excepted; -1: malformed. */
static int
next_extension_state(int state, unsigned char octet)
{
	bool space = octet == ' ' || octet == '\t';

	switch (state) {
	case EXT_BEFORE_NAME:
		return space ? state : fields_is_tchar(octet) ? EXT_NAME : -1;
	case EXT_BEFORE_VALUE:
		if (octet == '"')
			return EXT_QUOTED;
		return space ? state : fields_is_tchar(octet) ? EXT_TOKEN : -1;
	case EXT_QUOTED:
	case EXT_ESCAPED:
		return state_in_quoted(state, octet);
	case EXT_NAME:
	case EXT_TOKEN:
		if (fields_is_tchar(octet))
			return state;
		break;
	default:
		break;
	}
	return state_after_part(state, octet);
}

static enum chunked_verdict
step_extension(struct chunked *chunked, unsigned char octet)
{
	int state = chunked->state;

	if (octet == '\r' &&
	    (state == EXT_NAME || state == EXT_TOKEN ||
		state == EXT_AFTER_QUOTED))
		return go(chunked, SIZE_LF);
	state = next_extension_state(state, octet);
	if (state < 0)
		return CHUNKED_BAD_EXTENSION;
	chunked->state = state;
	return count_extension(chunked);
}

/* The LF of a size line: the chunk begins. */
static enum chunked_verdict
begin_chunk(struct chunked *chunked, unsigned char octet)
{
	if (octet != '\n')
		return CHUNKED_BAD_LINE_END;
	chunked->announced += chunked->remaining;
	chunked->digits = 0;
	return go(chunked, chunked->remaining > 0 ? DATA : LINE);
}

static enum chunked_verdict
step_chunk_end(struct chunked *chunked, unsigned char octet)
{
	bool at_cr = chunked->state == DATA_CR;

	if (octet != (at_cr ? '\r' : '\n'))
		return CHUNKED_BAD_CHUNK_END;
	return go(chunked, at_cr ? DATA_LF : SIZE_FIRST);
}

/* The first octet of a trailer line, or of the line that ends the body. */
static enum chunked_verdict
step_line(struct chunked *chunked, unsigned char octet)
{
	if (octet == '\r')
		return go(chunked, END_LF);
	if (!fields_is_tchar(octet))
		return CHUNKED_BAD_TRAILER;
	if (chunked->trailers == chunked->limits.max_trailers)
		return CHUNKED_TRAILERS_TOO_LARGE;
	chunked->trailers++;
	return go(chunked, NAME);
}

/* Trailer lines obey the rules of field lines (RFC 9112 5, 7.1.2). */
static enum chunked_verdict
step_trailer(struct chunked *chunked, unsigned char octet)
{
	if (chunked->trailer_bytes == chunked->limits.max_trailer_bytes &&
	    !(chunked->state == LINE && octet == '\r'))
		return CHUNKED_TRAILERS_TOO_LARGE;
	chunked->trailer_bytes++;
	if (chunked->state == LINE)
		return step_line(chunked, octet);
	if (chunked->state == NAME && fields_is_tchar(octet))
		return CHUNKED_MORE;
	if (chunked->state == NAME && octet == ':')
		return go(chunked, VALUE);
	if (chunked->state == VALUE && fields_is_value_octet(octet))
		return CHUNKED_MORE;
	if (chunked->state == VALUE && octet == '\r')
		return go(chunked, VALUE_LF);
	if (chunked->state == VALUE_LF && octet == '\n')
		return go(chunked, LINE);
	return CHUNKED_BAD_TRAILER;
}

static enum chunked_verdict
end_body(struct chunked *chunked, unsigned char octet)
{
	if (octet != '\n')
		return CHUNKED_BAD_TRAILER;
	chunked->state = ENDED;
	return CHUNKED_DONE;
}

static enum chunked_verdict
step(struct chunked *chunked, unsigned char octet)
{
	switch (chunked->state) {
	case SIZE_FIRST:
	case SIZE:
		return step_size(chunked, octet);
	case SIZE_LF:
		return begin_chunk(chunked, octet);
	case DATA_CR:
	case DATA_LF:
		return step_chunk_end(chunked, octet);
	case LINE:
	case NAME:
	case VALUE:
	case VALUE_LF:
		return step_trailer(chunked, octet);
	case END_LF:
		return end_body(chunked, octet);
	default:
		return step_extension(chunked, octet);
	}
}

/* Copies all available chunk data that fits into out. */
static size_t
copy_data(struct chunked *chunked, const char *in, size_t in_length, char *out,
    size_t out_size)
{
	size_t n = in_length < out_size ? in_length : out_size;

	if (n > chunked->remaining)
		n = (size_t)chunked->remaining;
	memmove(out, in, n);
	chunked->remaining -= n;
	if (chunked->remaining == 0)
		chunked->state = DATA_CR;
	return n;
}

enum chunked_verdict
chunked_decode(struct chunked *chunked, const char *in, size_t in_length,
    size_t *consumed, char *out, size_t out_size, size_t *produced)
{
	enum chunked_verdict verdict = chunked->state == ENDED ? CHUNKED_DONE :
								 CHUNKED_MORE;

	*consumed = *produced = 0;
	while (verdict == CHUNKED_MORE && *consumed < in_length) {
		if (chunked->state == DATA) {
			size_t n;

			if (*produced == out_size)
				break;
			n = copy_data(chunked, in + *consumed,
			    in_length - *consumed, out + *produced,
			    out_size - *produced);
			*consumed += n;
			*produced += n;
		} else {
			verdict = step(chunked,
			    (unsigned char)in[(*consumed)++]);
		}
	}
	return verdict;
}
