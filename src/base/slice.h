/*
 * A slice: octets that belong to someone else, with their number. Not
 * NUL-terminated; may hold any octet. Letters are compared in ASCII alone, no
 * locale.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_SLICE_H
#define PRONG_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
	const char *data; /* NULL only when len is 0 */
	size_t len;
};

/* Without the terminating NUL. */
struct slice slice_from_string(const char *text);

bool slice_equal(struct slice a, struct slice b);
bool slice_equal_nocase(struct slice a, struct slice b);

/* The same with a string on the right. */
bool slice_is(struct slice a, const char *text);
bool slice_is_nocase(struct slice a, const char *text);

/* Of two strings, whether they are the same but for the case of ASCII letters.
 * strcasecmp(3) looks into a table of the locale, which a process that was just
 * forked would have to fetch for it. */
bool slice_same_name(const char *a, const char *b);

/* The rest without the first n octets; n is at most slice.len. */
struct slice slice_skip(struct slice slice, size_t n);

/* Without SP and HTAB on both ends (OWS, RFC 9110 5.6.3). */
struct slice slice_trim(struct slice slice);

/* Reads 1*DIGIT and nothing else. A number that is too large gives UINT64_MAX,
 * as RFC 9110 8.6 and 14.1.2 ask one to anticipate. False when it is none. */
bool slice_parse_number(struct slice slice, uint64_t *number);

#endif
