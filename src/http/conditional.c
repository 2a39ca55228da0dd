/*
 * SPDX-License-Identifier: ISC
 */
#include "http/conditional.h"

#include <string.h>

#include "http/date.h"

/* entity-tag (RFC 9110 8.8.3). */
struct etag {
	bool weak;
	struct slice opaque; /* with quotes */
};

/* etagc: no control octet, space or quote; a backslash escapes nothing. */
static bool
is_etag_octet(char octet)
{
	unsigned char c = (unsigned char)octet;

	return c > 0x20 && c != '"' && c != 0x7f;
}

/* Takes an entity tag off the beginning. */
static bool
take_etag(struct slice *text, struct etag *etag)
{
	struct slice rest = *text;
	size_t end = 1;

	etag->weak = rest.len > 2 && memcmp(rest.data, "W/", 2) == 0;
	if (etag->weak)
		rest = slice_skip(rest, 2);
	if (rest.len < 2 || rest.data[0] != '"')
		return false;
	while (end < rest.len && is_etag_octet(rest.data[end]))
		end++;
	if (end == rest.len || rest.data[end] != '"')
		return false;
	etag->opaque = (struct slice){ rest.data, end + 1 };
	*text = slice_skip(rest, end + 1);
	return true;
}

/* Reads text that is one entity tag and nothing else. */
static bool
parse_etag(struct slice text, struct etag *etag)
{
	return take_etag(&text, etag) && text.len == 0;
}

/* Strong or weak comparison, RFC 9110 8.8.3.2. */
static bool
etag_matches(const struct etag *a, const struct etag *b, bool strong)
{
	return slice_equal(a->opaque, b->opaque) &&
	    !(strong && (a->weak || b->weak));
}

/* Takes the next tag off a list. Empty members are ignored (5.6.1). The list
 * ends at a malformed tag, as the beginning of the next tag is unknown. */
static bool
next_etag(struct slice *rest, struct etag *etag)
{
	*rest = slice_trim(*rest);
	while (rest->len > 0 && rest->data[0] == ',')
		*rest = slice_trim(slice_skip(*rest, 1));
	if (!take_etag(rest, etag))
		return false;
	*rest = slice_trim(*rest);
	return rest->len == 0 || rest->data[0] == ',';
}

/* Whether the value is "*" or a list with the representation's entity tag. */
static bool
value_matches(struct slice value, const struct etag *current, bool strong)
{
	struct etag etag;

	if (slice_is(value, "*"))
		return true;
	while (current && next_etag(&value, &etag))
		if (etag_matches(&etag, current, strong))
			return true;
	return false;
}

struct request {
	const struct http_field *fields;
	size_t count;
	int64_t now;
};

/* Whether a field may be one that matters here, by the first letter of its name: most
 * requests have none. */
static bool
begins_any(const struct http_field *fields, size_t count, char letter)
{
	for (size_t i = 0; i < count; i++)
		if (fields[i].name.len > 0 &&
		    (fields[i].name.data[0] | 0x20) == letter)
			return true;
	return false;
}

static bool
has_field(const struct request *request, const char *name)
{
	return fields_find(request->fields, request->count, name);
}

static bool
any_line_matches(const struct request *request, const char *name,
    const struct etag *current, bool strong)
{
	struct slice wanted = slice_from_string(name);

	for (size_t i = 0; i < request->count; i++)
		if (slice_equal_nocase(request->fields[i].name, wanted) &&
		    value_matches(request->fields[i].value, current, strong))
			return true;
	return false;
}

/* The date of a field that has one line. A value that is no date, or is one of
 * several, is ignored (13.1.3, 13.1.4). */
static bool
single_date(const struct request *request, const char *name, int64_t *seconds)
{
	const struct http_field *field = fields_find(request->fields,
	    request->count, name);

	return field &&
	    fields_count(request->fields, request->count, name) == 1 &&
	    date_parse(field->value, request->now, seconds);
}

/* Steps 1 and 2 of 13.2.2: the representation must be unchanged. */
static bool
is_unchanged(const struct request *request, const struct etag *current,
    const struct conditional_validators *validators)
{
	int64_t date;

	if (has_field(request, "If-Match"))
		return any_line_matches(request, "If-Match", current, true);
	return !validators->has_last_modified ||
	    !single_date(request, "If-Unmodified-Since", &date) ||
	    validators->last_modified <= date;
}

/* Steps 3 and 4: the client must not have the representation already. */
static bool
is_known(const struct request *request, const struct etag *current,
    const struct conditional_validators *validators, bool is_get)
{
	int64_t date;

	if (has_field(request, "If-None-Match"))
		return any_line_matches(request, "If-None-Match", current,
		    false);
	return is_get && validators->has_last_modified &&
	    single_date(request, "If-Modified-Since", &date) &&
	    validators->last_modified <= date;
}

/* 13.2.1: methods that neither select nor change a representation. */
static bool
has_no_conditions(struct slice method)
{
	return slice_is(method, "CONNECT") || slice_is(method, "OPTIONS") ||
	    slice_is(method, "TRACE");
}

static bool
current_etag(const struct conditional_validators *validators, struct etag *etag)
{
	return validators->etag &&
	    parse_etag(slice_from_string(validators->etag), etag);
}

enum conditional_verdict
conditional_check(struct slice method, const struct http_field *fields,
    size_t count, const struct conditional_validators *validators, int64_t now)
{
	const struct request request = { fields, count, now };
	bool is_get = slice_is(method, "GET") || slice_is(method, "HEAD");
	struct etag etag;
	const struct etag *current;

	if (!begins_any(fields, count, 'i') || has_no_conditions(method))
		return CONDITIONAL_PROCEED;
	current = current_etag(validators, &etag) ? &etag : NULL;
	if (!is_unchanged(&request, current, validators))
		return CONDITIONAL_FAILED;
	if (!is_known(&request, current, validators, is_get))
		return CONDITIONAL_PROCEED;
	return is_get ? CONDITIONAL_NOT_MODIFIED : CONDITIONAL_FAILED;
}

/* If-Range has one validator. A date is a strong validator only when its second
 * is over, as the representation could change again in it (8.8.2.2). */
static bool
range_is_of_current(struct slice value,
    const struct conditional_validators *validators, int64_t now)
{
	struct etag asked, current;
	int64_t date;

	if (parse_etag(value, &asked))
		return current_etag(validators, &current) &&
		    etag_matches(&asked, &current, true);
	return validators->has_last_modified && date_parse(value, now, &date) &&
	    date == validators->last_modified && date < now;
}

bool
conditional_range_applies(struct slice method, const struct http_field *fields,
    size_t count, const struct conditional_validators *validators, int64_t now)
{
	const struct http_field *field;

	if (!begins_any(fields, count, 'r') || !slice_is(method, "GET") ||
	    fields_count(fields, count, "Range") != 1)
		return false;
	field = fields_find(fields, count, "If-Range");
	return !field ||
	    (fields_count(fields, count, "If-Range") == 1 &&
		range_is_of_current(field->value, validators, now));
}
