/*
 * The value of Range, which follows a line with the length it is for. The first
 * octet chooses how many ranges there may be. For short representations what
 * is to be sent is compared octet by octet with what was asked for.
 *
 * SPDX-License-Identifier: ISC
 */
#include "fuzz.h"

#include <stdbool.h>

#include "http/fields.h"
#include "http/ranges.h"

#define RANGES_MAX 64
#define SHORT_MAX  256 /* octets of a short representation */

/* What a part of a well-formed Range asks for, read without any care. */
static void
mark_asked(struct slice part, uint64_t length, bool *asked)
{
	const char *dash = memchr(part.data, '-', part.len);
	size_t before = (size_t)(dash - part.data);
	uint64_t first = 0, last = UINT64_MAX;
	bool has_last = slice_parse_number(slice_skip(part, before + 1), &last);

	if (before > 0)
		assert(slice_parse_number((struct slice){ part.data, before },
		    &first));
	else
		first = last < length ? length - last : 0;
	if (before == 0 || !has_last)
		last = before == 0 && length - first == 0 ? 0 : UINT64_MAX;
	for (uint64_t i = first; i < length && i <= last; i++)
		asked[i] = true;
}

/* The octets that the value asks for are those that the ranges have. */
static void
check_octets(struct slice value, uint64_t length, const struct range *ranges,
    size_t count)
{
	bool asked[SHORT_MAX] = { false }, sent[SHORT_MAX] = { false };
	struct slice rest = slice_skip(value, sizeof("bytes=") - 1), part;

	while (fields_next_member(&rest, &part))
		mark_asked(part, length, asked);
	for (size_t i = 0; i < count; i++)
		for (uint64_t at = ranges[i].first; at <= ranges[i].last; at++)
			sent[at] = true;
	assert(memcmp(asked, sent, sizeof(asked)) == 0);
}

/* Within the length; no two overlap or touch. */
static void
check_ranges(const struct range *ranges, size_t count, uint64_t length)
{
	for (size_t i = 0; i < count; i++) {
		assert(ranges[i].first <= ranges[i].last);
		assert(ranges[i].last < length);
		for (size_t j = 0; j < i; j++)
			assert(ranges[j].first > ranges[i].last + 1 ||
			    ranges[i].first > ranges[j].last + 1);
	}
}

static void
check(struct slice value, uint64_t length, size_t max)
{
	struct range *ranges = fuzz_room(max * sizeof(*ranges));
	size_t count = 0;

	switch (ranges_parse(value, length, ranges, max, &count)) {
	case RANGES_SATISFIABLE:
		assert(count > 0 && count <= max);
		check_ranges(ranges, count, length);
		if (length <= SHORT_MAX)
			check_octets(value, length, ranges, count);
		break;
	case RANGES_UNSATISFIABLE:
		if (length <= SHORT_MAX)
			check_octets(value, length, ranges, 0);
		break;
	case RANGES_IGNORE:
		break;
	}
	free(ranges);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t max = (size_t)(fuzz_choice(&data, &size) % RANGES_MAX) + 1;
	const uint8_t *newline = size > 0 ? memchr(data, '\n', size) : NULL;
	struct slice line, value;
	uint64_t length;
	char *copy;

	if (!newline)
		return 0;
	line = (struct slice){ (const char *)data, (size_t)(newline - data) };
	if (!slice_parse_number(line, &length))
		return 0;
	size -= line.len + 1;
	copy = fuzz_copy(newline + 1, size);
	value = (struct slice){ copy, size };
	check(value, length, max);
	free(copy);
	return 0;
}
