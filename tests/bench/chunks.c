/* SPDX-License-Identifier: ISC */
#include "chunks.h"

/* Of a size: what is longer is beyond all that a test asks for. */
#define DIGITS_MAX 12

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum chunk_step
take_size(struct chunks *s, char c)
{
	int digit = hex_value(c);

	if (c == '\r' && s->digits > 0)
		return CHUNK_SIZE_LF;
	if (digit < 0 || s->digits == DIGITS_MAX)
		return CHUNK_MALFORMED;
	s->digits++;
	s->left = s->left * 16 + (unsigned)digit;
	return CHUNK_SIZE;
}

static enum chunk_step
expect(char c, char expected, enum chunk_step next)
{
	return c == expected ? next : CHUNK_MALFORMED;
}

static enum chunk_step
take_framing(struct chunks *s, char c)
{
	switch (s->step) {
	case CHUNK_SIZE:
		return take_size(s, c);
	case CHUNK_SIZE_LF:
		return expect(c, '\n', s->left ? CHUNK_DATA : CHUNK_END_CR);
	case CHUNK_DATA_CR:
		return expect(c, '\r', CHUNK_DATA_LF);
	case CHUNK_DATA_LF:
		s->digits = 0;
		return expect(c, '\n', CHUNK_SIZE);
	case CHUNK_END_CR:
		return expect(c, '\r', CHUNK_END_LF);
	case CHUNK_END_LF:
		return expect(c, '\n', CHUNK_OVER);
	case CHUNK_DATA:
	case CHUNK_OVER:
	case CHUNK_MALFORMED:
	default:
		return CHUNK_MALFORMED;
	}
}

size_t
chunks_content(struct chunks *s, const char *data, size_t length)
{
	if (s->step == CHUNK_DATA)
		return length < s->left ? length : (size_t)s->left;
	s->step = take_framing(s, *data);
	return 0;
}

void
chunks_took(struct chunks *s, size_t length)
{
	s->left -= length;
	if (s->left == 0)
		s->step = CHUNK_DATA_CR;
}
