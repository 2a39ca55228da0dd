/*
 * Reads the parts of a request. See request.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "message/request.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/scoreboard.h"
#include "config/configuration.h"
#include "config/route.h"
#include "message/channel.h"
#include "message/request_id.h"

/* Strings for handlers lie in the input buffer. The octet behind each was a
 * separator, which has been parsed, so it can become NUL. */
static void
terminate(struct input *input, struct slice text)
{
	size_t end;

	if (text.len == 0)
		return;
	end = (size_t)(text.data - input->data) + text.len;
	if (end < input->size)
		input->data[end] = '\0';
}

static void
terminate_head(struct input *input, const struct http_head *head)
{
	terminate(input, head->method);
	terminate(input, head->target);
	for (size_t i = 0; i < head->field_count; i++) {
		terminate(input, head->fields[i].name);
		terminate(input, head->fields[i].value);
	}
}

void
request_begin(struct request *request, const struct prong_request_api *api,
    struct channel *channel, const struct http_head *head)
{
	/* With the padding, so that a test can compare the whole structure. */
	memset(request, 0, sizeof(*request));
	request->public.api = api;
	request->channel = channel;
	request->head = head;
	request->target_text = head->target;
	request->started_us = clock_us();
	request->turn = netio_begun(&channel->io);
	terminate_head(&channel->input, head);
	body_init(&request->body, channel, head);
	response_init(&request->response, &channel->arena,
	    &channel->configuration->policy, head);
	sender_init(&request->sender, channel, &request->response,
	    &request->body);
}

bool
request_may_move(const struct request *request)
{
	return request->channel->is_shared && !request->response.is_begun &&
	    body_is_untouched(&request->body);
}

uint64_t
request_turn(const struct request *request)
{
	return request->turn == netio_turn(&request->channel->io) ?
	    request->turn :
	    0;
}

const struct limits *
request_limits(const struct request *request)
{
	if (request->route)
		return &request->route->limits;
	return &request->channel->configuration->limits;
}

/* False: there is no memory. */
static bool
encode_target(struct request *request)
{
	struct slice sent = request->head->target;
	size_t length = uri_encode_target(sent, NULL);
	char *text;

	if (length == sent.len)
		return true;
	text = arena_alloc_text(&request->channel->arena, length + 1);
	if (!text)
		return false;
	uri_encode_target(sent, text);
	text[length] = '\0';
	request->target_text = (struct slice){ text, length };
	return true;
}

/* For the path, all of whose forms are at most as long as what was sent. */
static char *
alloc_path(struct request *request, const char **reason)
{
	char *path = arena_alloc_text(&request->channel->arena,
	    request->target.path.len + 1);

	if (!path)
		*reason = "there is no memory for the path";
	return path;
}

static enum uri_verdict
decode_path(struct request *request)
{
	struct slice raw = request->target.path;
	enum uri_verdict verdict;

	verdict = uri_decode_path(raw, request->path, raw.len + 1,
	    &request->path_length);
	if (verdict != URI_ENCODED_SLASH)
		return verdict;
	request->has_slash_marks = true;
	return uri_decode_path_marked(raw, request->path, raw.len + 1,
	    &request->path_length);
}

int
request_settle_path(struct request *request, const char **reason)
{
	char *path;

	if (!request->route || !request->route->keeps_slashes) {
		*reason = uri_verdict_text(URI_ENCODED_SLASH);
		return request->has_slash_marks ?
		    uri_verdict_status(URI_ENCODED_SLASH) :
		    0;
	}
	path = alloc_path(request, reason);
	if (!path)
		return 503;
	request->path_length = uri_spell_path(request->path, path);
	request->path = path;
	return 0;
}

int
request_parse_target(struct request *request, const char **reason)
{
	const struct http_head *head = request->head;
	struct uri_target *target = &request->target;
	enum uri_verdict verdict;

	if (request->channel->configuration->target == TARGET_USUAL &&
	    !encode_target(request)) {
		*reason = "there is no memory for the target";
		return 503;
	}
	verdict = uri_target_parse(head->method, request->target_text, target);
	if (verdict == URI_OK && target->path.len > 0) {
		request->path = alloc_path(request, reason);
		if (!request->path)
			return 503;
		verdict = decode_path(request);
	}
	*reason = uri_verdict_text(verdict);
	return uri_verdict_status(verdict);
}

const char *
request_host(struct request *request)
{
	struct slice name = request->target.has_host ?
	    request->target.host.name :
	    request->head->host_parts.name;
	char *copy;

	if (request->host)
		return request->host;
	copy = arena_copy(&request->channel->arena, name.data, name.len);
	if (!copy)
		return "";
	for (char *at = copy; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	request->host = copy;
	return copy;
}

static char *
join_lines(struct request *request, const char *name, size_t length)
{
	const struct http_head *head = request->head;
	char *joined = arena_alloc_text(&request->channel->arena, length);
	char *at = joined;

	if (!joined)
		return NULL;
	for (size_t i = 0; i < head->field_count; i++) {
		const struct http_field *field = &head->fields[i];

		if (!slice_is_nocase(field->name, name))
			continue;
		if (at != joined)
			at = stpcpy(at, ", ");
		at = mempcpy(at, field->value.data, field->value.len);
	}
	*at = '\0';
	return joined;
}

const char *
request_id(struct request *request)
{
	char *text;

	if (request->id)
		return request->id;
	text = arena_alloc_text(&request->channel->arena, REQUEST_ID_BYTES);
	if (!text)
		return "";
	request->id = request_id_write(request->channel, request->head, text);
	strcpy(request->channel->page->id, text);
	return request->id;
}

const char *
request_field(struct request *request, const char *name)
{
	const struct http_head *head = request->head;
	const struct http_field *first = NULL;
	size_t length = 1, count = 0;

	for (size_t i = 0; i < head->field_count; i++) {
		const struct http_field *field = &head->fields[i];

		if (!slice_is_nocase(field->name, name))
			continue;
		if (count++ == 0)
			first = field;
		length += field->value.len + 2;
	}
	if (count == 0)
		return NULL;
	if (count > 1)
		return join_lines(request, name, length);
	return first->value.len > 0 ? first->value.data : "";
}

const char *
request_query(struct request *request, const char *name)
{
	struct slice query = request->target.query;
	size_t length;
	char *value;

	if (!request->target.has_query)
		return NULL;
	value = arena_alloc_text(&request->channel->arena, query.len + 1);
	if (!value ||
	    uri_query_value(query, name, value, query.len + 1, &length) !=
		URI_QUERY_FOUND)
		return NULL;
	return value;
}

const char *
request_path_info(const struct request *request)
{
	const struct route *route = request->route;

	if (!route || !request->path)
		return "";
	/* The route "/" is the empty prefix: the whole path follows it. */
	if (route->path_length == 1)
		return request->path;
	return request->path + route->path_length;
}

const char *
request_note(const struct request *request, const char *name)
{
	const struct note *note;

	for (note = request->notes; note; note = note->next)
		if (strcmp(note->name, name) == 0)
			return note->value;
	return NULL;
}

int
request_set_note(struct request *request, const char *name, const char *value)
{
	struct note *note = arena_alloc(&request->channel->arena,
	    sizeof(*note));

	if (!note)
		return -1;
	note->name = arena_copy(&request->channel->arena, name, strlen(name));
	if (value)
		note->value = arena_copy(&request->channel->arena, value,
		    strlen(value));
	if (!note->name || (value && !note->value))
		return -1;
	note->next = request->notes; /* hides an older note of that name */
	request->notes = note;
	return 0;
}

/* Copies at most the octets that fit before end. */
static char *
put(char *at, const char *end, const char *data, size_t length)
{
	size_t room = (size_t)(end - at);

	if (length > room)
		length = room;
	return length > 0 ? mempcpy(at, data, length) : at;
}

const char *
request_line(const struct request *request, char *out, size_t size)
{
	const struct http_head *head = request->head;
	struct slice target = request->target_text;
	const char *end = out + size - 1;
	char *at = out;

	at = put(at, end, head->method.data, head->method.len);
	if (target.len > 0) {
		at = put(at, end, " ", 1);
		at = put(at, end, target.data, target.len);
	}
	if (head->major == 1) { /* others are refused */
		const char minor = (char)('0' + head->minor % 10);

		at = put(at, end, " HTTP/1.", 8);
		at = put(at, end, &minor, 1);
	}
	*at = '\0';
	return out;
}
