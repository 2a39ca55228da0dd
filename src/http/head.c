/*
 * The head of a request, line by line. See head.h. A line is parsed once, when
 * it is complete, but its octets are checked as they arrive, so that a protocol
 * other than HTTP is refused early.
 *
 * SPDX-License-Identifier: ISC
 */
#include "http/head.h"

#include <assert.h>
#include <string.h>

#include "http/field_line.h"
#include "http/request_line.h"

static const struct {
	int status;
	const char *text;
} verdicts[] = {
	[HTTP_COMPLETE] = { 0, "the head is complete" },
	[HTTP_INCOMPLETE] = { 0, "the head is not complete" },
	[HTTP_TLS_NOT_SPOKEN] = { 400,
	    "the client speaks TLS to a port that does not" },
	[HTTP_TOO_MANY_EMPTY_LINES] = { 400,
	    "there are empty lines before the request line" },
	[HTTP_BARE_CR] = { 400, "a CR is not followed by LF" },
	[HTTP_BARE_LF] = { 400, "a line ends in LF without CR" },
	[HTTP_CONTROL_OCTET] = { 400, "there is a control octet in the head" },
	[HTTP_BAD_METHOD] = { 400,
	    "the request does not begin with a method and a space" },
	[HTTP_METHOD_TOO_LONG] = { 501, "the method is longer than any known" },
	[HTTP_BAD_TARGET] = { 400,
	    "the request target is empty or has an octet that must be "
	    "percent-encoded" },
	[HTTP_NO_VERSION] = { 400, "the request line has no HTTP version" },
	[HTTP_BAD_VERSION] = { 400,
	    "the request line does not end in an HTTP version" },
	[HTTP_VERSION_NOT_SUPPORTED] = { 505,
	    "only HTTP/1.0 and HTTP/1.1 are spoken here" },
	[HTTP_REQUEST_LINE_TOO_LONG] = { 414, "the request line is too long" },
	[HTTP_HEAD_TOO_LARGE] = { 431, "the head is too large" },
	[HTTP_TOO_MANY_FIELDS] = { 431, "there are too many field lines" },
	[HTTP_FOLDED_LINE] = { 400, "a field line begins with a space" },
	[HTTP_EMPTY_NAME] = { 400, "a field has an empty name" },
	[HTTP_BAD_NAME] = { 400, "a field name is not a token" },
	[HTTP_SPACE_BEFORE_COLON] = { 400,
	    "there is a space between a field name and its colon" },
	[HTTP_NO_COLON] = { 400, "a field line has no colon" },
	[HTTP_MISSING_HOST] = { 400, "the Host field is missing" },
	[HTTP_REPEATED_HOST] = { 400, "there is more than one Host field" },
	[HTTP_BAD_HOST] = { 400, "the Host field is malformed" },
	[HTTP_BAD_LENGTH] = { 400, "the Content-Length is not a number" },
	[HTTP_REPEATED_LENGTH] = { 400,
	    "there is more than one Content-Length" },
	[HTTP_LENGTH_TOO_LARGE] = { 413, "the Content-Length is too large" },
	[HTTP_LENGTH_WITH_CODING] = { 400,
	    "there are both Content-Length and Transfer-Encoding" },
	[HTTP_CODING_IN_OLD_VERSION] = { 400,
	    "HTTP/1.0 has no Transfer-Encoding" },
	[HTTP_BAD_CODING] = { 400,
	    "the Transfer-Encoding does not end in chunked, once" },
	[HTTP_UNKNOWN_CODING] = { 501,
	    "no transfer coding but chunked is known here" },
	[HTTP_UNKNOWN_EXPECTATION] = { 417,
	    "nothing but 100-continue can be expected here" },
};

int
http_verdict_status(enum http_verdict verdict)
{
	return verdicts[verdict].status;
}

const char *
http_verdict_text(enum http_verdict verdict)
{
	return verdicts[verdict].text;
}

void
http_head_init(struct http_head *head, struct http_field *fields,
    size_t capacity)
{
	memset(head, 0, sizeof(*head));
	head->fields = fields;
	head->field_capacity = capacity;
	head->content_length = -1;
	head->host_parts.port = -1;
}

bool
http_head_begun(const struct http_head *head)
{
	return head->past_request_line || head->scanned > head->line_start;
}

/* The end of the head. */

/* Framing, RFC 9112 6.1 and 6.3. */
static enum http_verdict
conclude_framing(const struct http_head *head)
{
	if (!head->coding_seen)
		return HTTP_COMPLETE;
	if (head->minor == 0)
		return HTTP_CODING_IN_OLD_VERSION;
	if (head->content_length >= 0)
		return HTTP_LENGTH_WITH_CODING;
	if (!head->chunked)
		return HTTP_BAD_CODING;
	return head->coding_unknown ? HTTP_UNKNOWN_CODING : HTTP_COMPLETE;
}

/* RFC 9110 10.1.1: an expectation is ignored in HTTP/1.0. A request without a
 * body needs no 100 (Continue). */
static enum http_verdict
conclude_expectation(struct http_head *head)
{
	if (head->minor == 0)
		return HTTP_COMPLETE;
	if (head->expectation_unknown)
		return HTTP_UNKNOWN_EXPECTATION;
	head->expects_continue = head->expectation_continue &&
	    (head->chunked || head->content_length > 0);
	return HTTP_COMPLETE;
}

static enum http_verdict
conclude(struct http_head *head)
{
	enum http_verdict verdict;

	if (!head->has_host && head->minor > 0)
		return HTTP_MISSING_HOST;
	verdict = conclude_framing(head);
	if (verdict != HTTP_COMPLETE)
		return verdict;
	head->keep_alive = !head->option_close &&
	    (head->minor > 0 || head->option_keep_alive);
	head->length = head->scanned;
	return conclude_expectation(head);
}

/* Lines. */

/* The position at which an octet other than a line end is beyond a limit. */
static size_t
line_stop(const struct http_head *head, const struct http_limits *limits)
{
	if (head->past_request_line ||
	    limits->max_head_bytes - head->line_start <=
		limits->max_request_line_bytes)
		return limits->max_head_bytes;
	return head->line_start + limits->max_request_line_bytes + 1;
}

/* Steps over the valid octets of a line, its CRLF included. A CR that is the
 * last octet is scanned again with the octet after it. A limit is checked
 * before the octets beyond it, so that the verdict does not depend on the
 * pieces in which the octets arrive. */
static enum http_verdict
scan_line(struct http_head *head, struct slice all,
    const struct http_limits *limits)
{
	const char *data = all.data;
	size_t i = head->scanned, stop = line_stop(head, limits);

	while (i < all.len && i < stop &&
	    fields_is_value_octet((unsigned char)data[i]))
		i++;
	head->scanned = i;
	if (i < stop && i == all.len)
		return HTTP_INCOMPLETE;
	if (i < stop && data[i] != '\r')
		return data[i] == '\n' ? HTTP_BARE_LF : HTTP_CONTROL_OCTET;
	if (i == stop || limits->max_head_bytes - i < 2)
		return head->past_request_line ? HTTP_HEAD_TOO_LARGE :
						 HTTP_REQUEST_LINE_TOO_LONG;
	if (i + 1 == all.len)
		return HTTP_INCOMPLETE;
	if (data[i + 1] != '\n')
		return HTTP_BARE_CR;
	head->scanned = i + 2;
	return HTTP_COMPLETE;
}

/* The next line without its CRLF; HTTP_COMPLETE when it is there. */
static enum http_verdict
next_line(struct http_head *head, struct slice all,
    const struct http_limits *limits, struct slice *line)
{
	enum http_verdict verdict = HTTP_INCOMPLETE;

	if (!head->past_request_line)
		verdict = request_line_check_method(slice_skip(all,
		    head->line_start));
	if (verdict == HTTP_INCOMPLETE)
		verdict = scan_line(head, all, limits);
	if (verdict != HTTP_COMPLETE)
		return verdict;
	*line = slice_skip(all, head->line_start);
	line->len = head->scanned - head->line_start - 2;
	head->line_start = head->scanned;
	return verdict;
}

/* The request line, or an empty line before it. */
static enum http_verdict
take_first_line(struct http_head *head, struct slice line)
{
	enum http_verdict verdict;

	if (line.len == 0)
		return ++head->empty_lines > HTTP_EMPTY_LINES_MAX ?
		    HTTP_TOO_MANY_EMPTY_LINES :
		    HTTP_INCOMPLETE;
	verdict = request_line_parse(head, line);
	if (verdict != HTTP_COMPLETE) {
		head->line_start -= line.len + 2; /* for http_head_abandon */
		return verdict;
	}
	head->past_request_line = true;
	return HTTP_INCOMPLETE;
}

/* Parses a complete line. HTTP_INCOMPLETE: further lines follow. */
static enum http_verdict
take_line(struct http_head *head, struct slice line,
    const struct http_limits *limits)
{
	enum http_verdict verdict;

	if (!head->past_request_line)
		return take_first_line(head, line);
	if (line.len == 0)
		return conclude(head);
	verdict = field_line_parse(head, line, limits);
	return verdict == HTTP_COMPLETE ? HTTP_INCOMPLETE : verdict;
}

/* Adjusts a slice: the caller's octets may have moved since the last call. */
static void
rebase_slice(struct slice *slice, uintptr_t from, const char *to)
{
	if (slice->data)
		slice->data = to + ((uintptr_t)slice->data - from);
}

static void
rebase(struct http_head *head, const char *data)
{
	uintptr_t from = head->base;

	head->base = (uintptr_t)data;
	if (from == 0 || from == head->base)
		return;
	rebase_slice(&head->method, from, data);
	rebase_slice(&head->target, from, data);
	rebase_slice(&head->host, from, data);
	rebase_slice(&head->host_parts.name, from, data);
	for (size_t i = 0; i < head->field_count; i++) {
		rebase_slice(&head->fields[i].name, from, data);
		rebase_slice(&head->fields[i].value, from, data);
	}
}

/* The method is before a space. "HEAD" is taken for the method without one,
 * too. */
void
http_head_abandon(struct http_head *head, const char *data, size_t length)
{
	struct slice text = { data, length }, method;

	rebase(head, data);
	if (head->method.len > 0)
		return;
	text = slice_skip(text, head->line_start);
	method = text;
	method.len = request_line_method_length(text);
	if (slice_is(method, "HEAD") ||
	    (method.len > 0 && method.len < text.len &&
		text.data[method.len] == ' '))
		head->method = method;
}

enum http_verdict
http_head_parse(struct http_head *head, const char *data, size_t length,
    const struct http_limits *limits)
{
	const struct slice all = { data, length };
	enum http_verdict verdict;
	struct slice line;

	assert(length >= head->scanned);
	rebase(head, data);
	do {
		verdict = next_line(head, all, limits, &line);
		if (verdict != HTTP_COMPLETE)
			return verdict;
		verdict = take_line(head, line, limits);
	} while (verdict == HTTP_INCOMPLETE);
	return verdict;
}
