/*
 * Preconditions and ranges. See preconditions.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "message/preconditions.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "http/conditional.h"
#include "http/fields.h"
#include "http/head.h"
#include "message/response.h"

/* Fields that a cache needs to update its copy (RFC 9110 15.4.5). */
static bool
is_for_caches(const char *name)
{
	return strcasecmp(name, "Cache-Control") == 0 ||
	    strcasecmp(name, "Content-Location") == 0 ||
	    strcasecmp(name, "Expires") == 0 || strcasecmp(name, "Vary") == 0;
}

static bool
is_vary(const char *name)
{
	return strcasecmp(name, "Vary") == 0;
}

static void
become_not_modified(struct response *response)
{
	response_set_status(response, 304);
	response_filter_fields(response, is_for_caches);
	content_clear(&response->content);
}

static void
become_page(struct response *response, int status)
{
	response_filter_fields(response, is_vary);
	response_set_page(response, status);
}

static void
become_unsatisfiable(struct response *response, uint64_t total)
{
	char text[48];

	become_page(response, 416);
	snprintf(text, sizeof(text), "bytes */%" PRIu64, total);
	response_add_own_field(response, "Content-Range", text);
}

static void
become_one_range(struct response *response, const struct range *range,
    uint64_t total)
{
	char text[96];

	response_set_status(response, 206);
	response_set_window(response, range->first, range->last + 1);
	snprintf(text, sizeof(text), "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64,
	    range->first, range->last, total);
	response_add_own_field(response, "Content-Range", text);
}

/* Random, so that nobody can make content that contains the boundary. */
static bool
make_boundary(char out[RESPONSE_BOUNDARY_BYTES])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char octets[16];

	if (getrandom(octets, sizeof(octets), 0) != sizeof(octets))
		return false;
	for (size_t i = 0; i < sizeof(octets); i++) {
		out[2 * i] = hex[octets[i] >> 4];
		out[2 * i + 1] = hex[octets[i] & 15];
	}
	out[32] = '\0';
	return true;
}

/* False without memory or random octets: the whole representation is sent. */
static bool
become_multipart(struct response *response, const struct range *ranges,
    size_t count, uint64_t total)
{
	char boundary[RESPONSE_BOUNDARY_BYTES];

	if (!make_boundary(boundary) ||
	    response_set_ranges(response, ranges, count, total, boundary) < 0)
		return false;
	response_set_status(response, 206);
	return true;
}

static bool
apply_ranges(struct response *response, uint64_t total, bool is_all)
{
	struct range ranges[RESPONSE_RANGES_MAX];
	const struct http_field *field;
	size_t count;

	field = fields_find(response->head->fields, response->head->field_count,
	    "Range");
	switch (ranges_parse(field->value, total, ranges, RESPONSE_RANGES_MAX,
	    &count)) {
	case RANGES_UNSATISFIABLE:
		become_unsatisfiable(response, total);
		return true;
	case RANGES_SATISFIABLE:
		if (count == 1) {
			become_one_range(response, &ranges[0], total);
			return is_all;
		}
		/* A stream can be cut, but its order cannot change. */
		return is_all &&
		    become_multipart(response, ranges, count, total);
	case RANGES_IGNORE:
	default:
		return false;
	}
}

bool
preconditions_apply(struct response *response, int64_t now, bool is_known,
    uint64_t total, bool is_all)
{
	const struct http_head *head = response->head;
	struct conditional_validators validators = { .etag = response->etag,
		.has_last_modified = response->has_last_modified,
		.last_modified = response->last_modified };

	/* The handler of another method has acted already; a precondition
	 * comes too late. */
	if (!response->is_head && !slice_is(head->method, "GET"))
		return false;
	if (response->status != 200 ||
	    (!validators.etag && !validators.has_last_modified))
		return false;
	switch (conditional_check(head->method, head->fields, head->field_count,
	    &validators, now)) {
	case CONDITIONAL_NOT_MODIFIED:
		become_not_modified(response);
		return true;
	case CONDITIONAL_FAILED:
		become_page(response, 412);
		return true;
	case CONDITIONAL_PROCEED:
	default:
		break;
	}
	if (!is_known || response_field(response, "Accept-Ranges"))
		return false;
	response_offer_ranges(response);
	if (!conditional_range_applies(head->method, head->fields,
		head->field_count, &validators, now))
		return false;
	return apply_ranges(response, total, is_all);
}
