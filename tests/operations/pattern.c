/* SPDX-License-Identifier: ISC */
#include "pattern.h"

#include <string.h>

#define FIRST " line 00000000\n"

void
pattern_begin(struct pattern *p, const char *owner)
{
	p->owner_length = strnlen(owner, PATTERN_OWNER_BYTES);
	memcpy(p->line, owner, p->owner_length);
	memcpy(p->line + p->owner_length, FIRST, sizeof(FIRST));
	p->length = p->owner_length + strlen(FIRST);
	p->at = 0;
}

/* The number of the next line: all have as many digits. */
static void
next_line(struct pattern *p)
{
	char *digit = p->line + p->length - 2;

	p->at = 0;
	while (*digit == '9')
		*digit-- = '0';
	++*digit;
}

/* How much of a piece is in the present line. */
static size_t
in_line(const struct pattern *p, size_t length)
{
	size_t left = p->length - p->at;

	return length < left ? length : left;
}

static void
advance(struct pattern *p, size_t n)
{
	p->at += n;
	if (p->at == p->length)
		next_line(p);
}

void
pattern_write(struct pattern *p, char *out, size_t length)
{
	while (length > 0) {
		size_t n = in_line(p, length);

		memcpy(out, p->line + p->at, n);
		advance(p, n);
		out += n;
		length -= n;
	}
}

/* It is a line of another when they part in the number that the owner ends
 * with, or where one of two numbers ends. */
static enum pattern_verdict
difference(const struct pattern *p, const char *data)
{
	size_t at = p->at;

	while (p->line[at] == *data) {
		at++;
		data++;
	}
	if (at > p->owner_length ||
	    memchr(p->line + at, ' ', p->owner_length - at))
		return PATTERN_DIFFERENT;
	return (*data >= '0' && *data <= '9') || *data == ' ' ?
	    PATTERN_OTHER_OWNER :
	    PATTERN_DIFFERENT;
}

enum pattern_verdict
pattern_check(struct pattern *p, const char *data, size_t length)
{
	while (length > 0) {
		size_t n = in_line(p, length);

		if (memcmp(data, p->line + p->at, n) != 0)
			return difference(p, data);
		advance(p, n);
		data += n;
		length -= n;
	}
	return PATTERN_SAME;
}
