/*
 * SPDX-License-Identifier: ISC
 */
#include "base/slice.h"

/* Like tolower, but for ASCII letters only and without a locale. */
static unsigned char
lower(char octet)
{
	unsigned char c = (unsigned char)octet;

	return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
}

static bool
is_space(char octet)
{
	return octet == ' ' || octet == '\t';
}

bool
slice_equal_nocase(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.data[i]) != lower(b.data[i]))
			return false;
	return true;
}

bool
slice_is_nocase(struct slice a, const char *text)
{
	return slice_equal_nocase(a, slice_from_string(text));
}

bool
slice_same_name(const char *a, const char *b)
{
	/* Most names are written in the usual way. */
	while (*a == *b || lower(*a) == lower(*b)) {
		if (*a == '\0')
			return true;
		a++;
		b++;
	}
	return false;
}

struct slice
slice_trim(struct slice slice)
{
	while (slice.len > 0 && is_space(slice.data[slice.len - 1]))
		slice.len--;
	while (slice.len > 0 && is_space(slice.data[0]))
		slice = slice_skip(slice, 1);
	return slice;
}

bool
slice_parse_number(struct slice slice, uint64_t *number)
{
	uint64_t n = 0;

	if (slice.len == 0)
		return false;
	for (size_t i = 0; i < slice.len; i++) {
		unsigned digit = (unsigned char)slice.data[i] - (unsigned)'0';

		if (digit > 9)
			return false;
		if (n > (UINT64_MAX - digit) / 10)
			n = UINT64_MAX;
		else
			n = n * 10 + digit;
	}
	*number = n;
	return true;
}
