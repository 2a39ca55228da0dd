/*
 * The structure of a response. See response.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "message/response.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/arena.h"
#include "base/slice.h"
#include "config/policy.h"
#include "http/date.h"
#include "http/errorpage.h"
#include "http/fields.h"
#include "http/head.h"
#include "http/page.h"
#include "http/status.h"
#include "message/prepared.h"

#define PAGE_MAX_BYTES 2048

void
response_init(struct response *response, struct arena *arena,
    const struct policy *policy, const struct http_head *head)
{
	memset(response, 0, sizeof(*response));
	response->arena = arena;
	response->policy = policy;
	response->head = head;
	response->is_head = slice_is(head->method, "HEAD");
	response->status = 200;
	response->window_end = UINT64_MAX;
	content_init(&response->content, arena);
}

void
response_set_policy(struct response *response, const struct policy *policy)
{
	response->policy = policy;
}

void
response_reset(struct response *response)
{
	response->status = 200;
	response->has_status = false;
	response->prepared = NULL;
	response->fields = NULL;
	response->etag = NULL;
	response->has_last_modified = false;
	response->has_length = false;
	response->has_content = false;
	content_clear(&response->content);
}

bool
response_is_empty(const struct response *response)
{
	return !response->is_begun && !response->has_status &&
	    !response->prepared && !response->fields && !response->etag &&
	    !response->has_last_modified && !response->has_length &&
	    !response->has_content;
}

static void
take_apart(struct response *response)
{
	if (response->prepared)
		response->fields = prepared_fields(response->prepared,
		    response->arena, response->fields);
	response->prepared = NULL;
}

int
response_set_prepared(struct response *response,
    const struct prepared *prepared)
{
	struct prepared *copy;

	if (!response_is_empty(response))
		return -1;
	copy = arena_alloc(response->arena, prepared->size);
	if (!copy)
		return -1;
	memcpy(copy, prepared, prepared->size);
	response->prepared = copy;
	response->etag = (const char *)copy + copy->etag;
	response->has_last_modified = copy->has_last_modified;
	response->last_modified = copy->last_modified;
	return 0;
}

void
response_settle_prepared(struct response *response)
{
	if (response->prepared && !prepared_is_sent(response))
		take_apart(response);
}

void
response_set_status(struct response *response, int status)
{
	if (response->is_begun)
		return;
	response->status = status;
	response->has_status = true;
}

void
response_set_last_modified(struct response *response, int64_t seconds)
{
	if (response->is_begun)
		return;
	take_apart(response);
	response->has_last_modified = true;
	response->last_modified = seconds;
}

void
response_set_length(struct response *response, uint64_t bytes)
{
	if (response->is_begun)
		return;
	response->has_length = true;
	response->length = bytes;
}

void
response_note_content(struct response *response)
{
	response->has_content = true;
}

const char *
response_field(const struct response *response, const char *name)
{
	const struct response_field *field;
	const char *value = NULL;

	if (response->prepared)
		value = prepared_value(response->prepared, name);
	for (field = response->fields; !value && field; field = field->next)
		if (slice_same_name(field->name, name))
			value = field->value;
	return value;
}

static void
remove_field(struct response *response, const char *name)
{
	struct response_field **at = &response->fields;

	if (response->prepared && prepared_value(response->prepared, name))
		take_apart(response);
	while (*at) {
		if (slice_same_name((*at)->name, name))
			*at = (*at)->next;
		else
			at = &(*at)->next;
	}
}

void
response_filter_fields(struct response *response, bool (*keep)(const char *))
{
	struct response_field **at = &response->fields;

	take_apart(response);
	while (*at) {
		if (keep((*at)->name))
			at = &(*at)->next;
		else
			*at = (*at)->next;
	}
}

int
response_add_own_field(struct response *response, const char *name,
    const char *value)
{
	struct response_field *field, **at;

	field = arena_alloc(response->arena, sizeof(*field));
	if (!field)
		return -1;
	field->name = arena_copy(response->arena, name, strlen(name));
	field->value = arena_copy(response->arena, value, strlen(value));
	if (!field->name || !field->value)
		return -1;
	for (at = &response->fields; *at; at = &(*at)->next)
		;
	*at = field;
	return 0;
}

int
response_replace_own_field(struct response *response, const char *name,
    const char *value)
{
	remove_field(response, name);
	return response_add_own_field(response, name, value);
}

/* opaque-tag of RFC 9110 8.8.3, without its quotes. */
static bool
is_tag(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c <= 0x20 || c == '"' || c == 0x7f)
			return false;
	}
	return true;
}

static int
set_tag(struct response *response, const char *tag, size_t length, bool weak)
{
	char *etag;

	if (!is_tag(tag, length))
		return -1;
	etag = arena_alloc_text(response->arena, length + sizeof("W/\"\""));
	if (!etag)
		return -1;
	response->etag = etag;
	if (weak)
		etag = stpcpy(etag, "W/");
	*etag++ = '"';
	etag = mempcpy(etag, tag, length);
	*etag++ = '"';
	*etag = '\0';
	return 0;
}

int
response_set_etag(struct response *response, const char *tag, bool weak)
{
	take_apart(response);
	return set_tag(response, tag, strlen(tag), weak);
}

/* A validator that a handler sets as a field is still a validator. */
static int
set_etag_field(struct response *response, const char *value)
{
	bool weak = value && strncmp(value, "W/", 2) == 0;
	size_t length;

	if (!value) {
		response->etag = NULL;
		return 0;
	}
	if (weak)
		value += 2;
	length = strlen(value);
	if (length < 2 || value[0] != '"' || value[length - 1] != '"')
		return -1;
	return set_tag(response, value + 1, length - 2, weak);
}

static int
set_last_modified_field(struct response *response, const char *value)
{
	int64_t seconds;

	response->has_last_modified = false;
	if (!value)
		return 0;
	if (!date_parse(slice_from_string(value), time(NULL), &seconds))
		return -1;
	response->has_last_modified = true;
	response->last_modified = seconds;
	return 0;
}

int
response_set_field(struct response *response, const char *name,
    const char *value, bool add)
{
	if (response->is_begun || fields_is_framing(name) ||
	    !fields_is_token(slice_from_string(name)))
		return -1;
	if (value && !fields_is_value(slice_from_string(value)))
		return -1;
	take_apart(response);
	if (slice_same_name(name, "ETag"))
		return set_etag_field(response, value);
	if (slice_same_name(name, "Last-Modified"))
		return set_last_modified_field(response, value);
	if (!add)
		remove_field(response, name);
	if (!value)
		return 0;
	return response_add_own_field(response, name, value);
}

static bool
outlives_content(const char *name)
{
	return strncasecmp(name, "Content-", 8) != 0 &&
	    !slice_same_name(name, "Accept-Ranges");
}

/* Adds the administrator's page, which lives as long as the process. */
static void
add_page_of_policy(struct response *response, const struct policy_page *page)
{
	if (response_add_own_field(response, "Content-Type", page->type) == 0)
		content_add_constant(&response->content, page->content,
		    page->length);
}

static void
add_page(struct response *response, const char *advice)
{
	char page[PAGE_MAX_BYTES];
	size_t length;

	if (advice)
		length = errorpage_write_advice(page, sizeof(page),
		    response->status, advice);
	else
		length = errorpage_write(page, sizeof(page), response->status,
		    response_field(response, "Location"));
	if (length > sizeof(page)) /* a very long Location */
		length = errorpage_write(page, sizeof(page), response->status,
		    NULL);
	if (response_add_own_field(response, "Content-Type", PAGE_TYPE) == 0 &&
	    response_add_own_field(response, "Content-Security-Policy",
		PAGE_POLICY) == 0)
		content_add(&response->content, page, length);
}

void
response_set_page_with(struct response *response, int status,
    const char *advice)
{
	const struct policy_page *page = NULL;

	response_filter_fields(response, outlives_content);
	content_clear(&response->content);
	response->etag = NULL;
	response->has_last_modified = false;
	response->has_length = false;
	response->status = status;
	response->has_status = true;
	if (!status_wants_page(status))
		return;
	if (response->policy)
		page = policy_find_page(response->policy, status);
	if (page)
		add_page_of_policy(response, page);
	else
		add_page(response, advice);
}

void
response_set_page(struct response *response, int status)
{
	response_set_page_with(response, status, NULL);
}

/* A policy's field that is a list, or may occur several times, goes beside the
 * handler's; another one replaces it. */
static bool
goes_beside(const char *name)
{
	return slice_same_name(name, "Vary") || slice_same_name(name, "Link") ||
	    slice_same_name(name, "Set-Cookie");
}

int
response_add_policy_fields(struct response *response)
{
	const struct policy_field *field, *fields = NULL;

	if (response->policy)
		fields = response->policy->fields;
	for (field = fields; field; field = field->next)
		if (!goes_beside(field->name))
			remove_field(response, field->name);
	for (field = fields; field; field = field->next)
		if (response_add_own_field(response, field->name,
			field->value) < 0)
			return -1;
	return 0;
}

void
response_limit_last_modified(struct response *response, int64_t now)
{
	if (response->has_last_modified && response->last_modified > now)
		response->last_modified = now;
}

void
response_set_window(struct response *response, uint64_t first, uint64_t end)
{
	response->window_first = first;
	response->window_end = end;
}

void
response_limit_window(struct response *response, uint64_t end)
{
	if (response->window_end > end)
		response->window_end = end;
}

int
response_set_ranges(struct response *response, const struct range *ranges,
    size_t count, uint64_t total, const char boundary[RESPONSE_BOUNDARY_BYTES])
{
	struct range *copy = arena_alloc(response->arena,
	    count * sizeof(*copy));

	if (!copy)
		return -1;
	memcpy(copy, ranges, count * sizeof(*copy));
	memcpy(response->boundary, boundary, RESPONSE_BOUNDARY_BYTES);
	response->ranges = copy;
	response->range_count = count;
	response->total = total;
	return 0;
}

void
response_offer_ranges(struct response *response)
{
	response->offers_ranges = true;
}

void
response_begin(struct response *response)
{
	response->is_begun = true;
}
