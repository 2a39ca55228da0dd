/*
 * A slice: borrowed octets and their number. Not NUL-terminated; any octet is
 * possible. The case of letters is ignored for ASCII only, without a locale. What is
 * inline is called for each request many times, with literals.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_SLICE_H
#define PRONG_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const char *data; /* NULL only when len is 0 */
	size_t len;
};

/* A slice of the text without its NUL. */
static inline struct slice
slice_from_string(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

static inline bool
slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len &&
	    (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool slice_equal_nocase(struct slice a, struct slice b);

/* The same with a string on the right. */
static inline bool
slice_is(struct slice a, const char *text)
{
	return slice_equal(a, slice_from_string(text));
}

bool slice_is_nocase(struct slice a, const char *text);

/* Whether two strings are the same but for the case of ASCII letters. Not
 * strcasecmp(3), as that reads a table of the locale, which costs a page fault
 * after a fork. */
bool slice_same_name(const char *a, const char *b);

/* The slice without its first n octets; n is at most slice.len. */
static inline struct slice
slice_skip(struct slice slice, size_t n)
{
	/* NULL + 0 is undefined in C. */
	if (n == 0)
		return slice;
	return (struct slice){ slice.data + n, slice.len - n };
}

/* The slice without SP and HTAB at both ends (OWS, RFC 9110 5.6.3). */
struct slice slice_trim(struct slice slice);

/* Reads 1*DIGIT and nothing else; false for any other slice. A number that is
 * too large gives UINT64_MAX: RFC 9110 8.6 and 14.1.2 require recipients to
 * expect large numbers. */
bool slice_parse_number(struct slice slice, uint64_t *number);

#endif
