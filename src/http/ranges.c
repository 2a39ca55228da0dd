/*
 * SPDX-License-Identifier: ISC
 */
#include "http/ranges.h"

#include <stdbool.h>
#include <string.h>

#include "http/fields.h"

enum spec { SPEC_INVALID, SPEC_UNSATISFIABLE, SPEC_SATISFIABLE };

/* Reads "-n": the last n octets, or all when there are fewer. */
static enum spec
parse_suffix(struct slice digits, uint64_t length, struct range *range)
{
	uint64_t n;

	if (!slice_parse_number(digits, &n))
		return SPEC_INVALID;
	if (n == 0 || length == 0)
		return SPEC_UNSATISFIABLE;
	range->first = n < length ? length - n : 0;
	range->last = length - 1;
	return SPEC_SATISFIABLE;
}

/* Reads first-last, first- or -n (RFC 9110 14.1.1). A number that is too large
 * counts as UINT64_MAX, which is beyond every representation. */
static enum spec
parse_spec(struct slice text, uint64_t length, struct range *range)
{
	const char *hyphen = memchr(text.data, '-', text.len);
	struct slice first = text, last;

	if (!hyphen)
		return SPEC_INVALID;
	first.len = (size_t)(hyphen - text.data);
	last = slice_skip(text, first.len + 1);
	if (first.len == 0)
		return parse_suffix(last, length, range);
	if (!slice_parse_number(first, &range->first))
		return SPEC_INVALID;
	range->last = UINT64_MAX;
	if (last.len > 0 && !slice_parse_number(last, &range->last))
		return SPEC_INVALID;
	if (range->last < range->first)
		return SPEC_INVALID;
	if (range->first >= length)
		return SPEC_UNSATISFIABLE;
	if (range->last >= length)
		range->last = length - 1;
	return SPEC_SATISFIABLE;
}

static bool
touches(const struct range *a, const struct range *b)
{
	/* last < length <= UINT64_MAX: no overflow. */
	return a->first <= b->last + 1 && b->first <= a->last + 1;
}

static void
absorb(struct range *into, const struct range *other)
{
	if (other->first < into->first)
		into->first = other->first;
	if (other->last > into->last)
		into->last = other->last;
}

/*
 * Adds a range to ranges that neither overlap nor touch, and merges it with
 * those that it overlaps or touches. One pass is enough: a merged range touched
 * no other one, so the larger range does not reach further ones.
 */
static void
add_range(struct range *out, size_t *count, struct range range)
{
	size_t kept = 0, place = SIZE_MAX;

	for (size_t i = 0; i < *count; i++) {
		if (!touches(&out[i], &range)) {
			out[kept++] = out[i];
			continue;
		}
		absorb(&range, &out[i]);
		if (place == SIZE_MAX)
			place = kept++;
	}
	if (place == SIZE_MAX)
		place = kept++;
	out[place] = range;
	*count = kept;
}

enum ranges_verdict
ranges_parse(struct slice value, uint64_t length, struct range *out, size_t max,
    size_t *count)
{
	static const char unit[] = "bytes=";
	struct slice member, head = value;
	size_t specs = 0, found = 0;

	head.len = sizeof(unit) - 1;
	if (value.len < head.len || !slice_is_nocase(head, unit))
		return RANGES_IGNORE;
	/* Nothing can be left out of nothing. "-1" would be satisfiable (RFC
	 * 9110 14.1.2), with a range that Content-Range cannot express. */
	if (length == 0)
		return RANGES_IGNORE;
	value = slice_skip(value, head.len);
	while (fields_next_member(&value, &member)) {
		struct range range;
		enum spec spec = parse_spec(member, length, &range);

		if (spec == SPEC_INVALID || ++specs > max)
			return RANGES_IGNORE;
		if (spec == SPEC_SATISFIABLE)
			add_range(out, &found, range);
	}
	if (found > 0)
		*count = found;
	return found > 0 ? RANGES_SATISFIABLE :
	    specs > 0	 ? RANGES_UNSATISFIABLE :
			   RANGES_IGNORE;
}
