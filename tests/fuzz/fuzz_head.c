/*
 * The head of a request, whole and in pieces. The first octet chooses the
 * pieces, the second the limits.
 *
 * SPDX-License-Identifier: ISC
 */
#include "fuzz.h"

#include "http/head.h"

#define FIELDS_MAX 100

struct parsed {
	struct http_head head;
	struct http_field fields[FIELDS_MAX];
	enum http_verdict verdict;
	char *data; /* where the slices lead */
	size_t size;
};

static const struct http_limits large = { .max_request_line_bytes = 8192,
	.max_head_bytes = 32768,
	.max_fields = FIELDS_MAX };

static const struct http_limits small = {
	.max_request_line_bytes = 40, .max_head_bytes = 128, .max_fields = 3
};

/* Octets move at every call, and what they were before is gone. */
static void
parse(struct parsed *parsed, const uint8_t *data, size_t size, uint8_t choice,
    const struct http_limits *limits)
{
	struct fuzz_pieces pieces = fuzz_pieces(choice);
	size_t end = 0;

	http_head_init(&parsed->head, parsed->fields, limits->max_fields);
	parsed->data = NULL;
	do {
		end += fuzz_piece(&pieces, size - end);
		free(parsed->data);
		parsed->data = fuzz_copy(data, end);
		parsed->size = end;
		parsed->verdict = http_head_parse(&parsed->head, parsed->data,
		    end, limits);
	} while (parsed->verdict == HTTP_INCOMPLETE && end < size);
}

static void
check_slice(const struct parsed *parsed, struct slice slice)
{
	assert(slice.len <= parsed->size);
	if (slice.len == 0)
		return;
	assert(slice.data >= parsed->data);
	assert(slice.data + slice.len <= parsed->data + parsed->size);
}

static void
check_complete(const struct parsed *parsed, const struct http_limits *limits)
{
	const struct http_head *head = &parsed->head;

	assert(head->length >= 4 && head->length <= parsed->size);
	assert(head->length <= limits->max_head_bytes);
	assert(memcmp(parsed->data + head->length - 4, "\r\n\r\n", 4) == 0);
	assert(!memchr(parsed->data, '\0', head->length));
	assert(fields_is_token(head->method));
	assert(head->method.len <= HTTP_METHOD_MAX_BYTES);
	assert(head->target.len > 0);
	assert(head->major == 1 && head->minor >= 0 && head->minor <= 9);
	assert(head->has_host || head->minor == 0);
	assert(head->field_count <= limits->max_fields);
	assert(head->content_length >= -1);
	assert(!head->chunked ||
	    (head->content_length == -1 && head->minor > 0));
	for (size_t i = 0; i < head->field_count; i++) {
		assert(fields_is_token(head->fields[i].name));
		assert(fields_is_value(head->fields[i].value));
	}
}

static void
check(const struct parsed *parsed, const struct http_limits *limits)
{
	const struct http_head *head = &parsed->head;
	int status = http_verdict_status(parsed->verdict);

	assert(http_verdict_text(parsed->verdict)[0] != '\0');
	assert(status == 0 || (status >= 400 && status <= 505));
	assert((status == 0) ==
	    (parsed->verdict == HTTP_COMPLETE ||
		parsed->verdict == HTTP_INCOMPLETE));
	check_slice(parsed, head->method);
	check_slice(parsed, head->target);
	check_slice(parsed, head->host);
	check_slice(parsed, head->host_parts.name);
	for (size_t i = 0; i < head->field_count; i++) {
		check_slice(parsed, head->fields[i].name);
		check_slice(parsed, head->fields[i].value);
	}
	if (parsed->verdict == HTTP_COMPLETE)
		check_complete(parsed, limits);
}

/* The same octets in the same place. */
static void
check_same_slice(const struct parsed *a, struct slice in_a,
    const struct parsed *b, struct slice in_b)
{
	assert(slice_equal(in_a, in_b));
	assert(in_a.len == 0 || in_a.data - a->data == in_b.data - b->data);
}

static void
check_same(const struct parsed *a, const struct parsed *b)
{
	assert(a->verdict == b->verdict);
	check_same_slice(a, a->head.method, b, b->head.method);
	check_same_slice(a, a->head.target, b, b->head.target);
	assert(a->head.major == b->head.major);
	assert(a->head.minor == b->head.minor);
	if (a->verdict != HTTP_COMPLETE)
		return;
	assert(a->head.length == b->head.length);
	assert(a->head.field_count == b->head.field_count);
	for (size_t i = 0; i < a->head.field_count; i++) {
		check_same_slice(a, a->head.fields[i].name, b,
		    b->head.fields[i].name);
		check_same_slice(a, a->head.fields[i].value, b,
		    b->head.fields[i].value);
	}
	assert(a->head.has_host == b->head.has_host);
	check_same_slice(a, a->head.host, b, b->head.host);
	check_same_slice(a, a->head.host_parts.name, b,
	    b->head.host_parts.name);
	assert(a->head.host_parts.port == b->head.host_parts.port);
	assert(a->head.chunked == b->head.chunked);
	assert(a->head.content_length == b->head.content_length);
	assert(a->head.expects_continue == b->head.expects_continue);
	assert(a->head.keep_alive == b->head.keep_alive);
}

/* What follows a head has no influence on it; less than all is not enough. */
static void
check_end(const struct parsed *whole, const uint8_t *data,
    const struct http_limits *limits)
{
	struct parsed exact;

	parse(&exact, data, whole->head.length, '0', limits);
	check_same(whole, &exact);
	free(exact.data);
	parse(&exact, data, whole->head.length - 1, '0', limits);
	assert(exact.verdict == HTTP_INCOMPLETE);
	free(exact.data);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t choice = fuzz_choice(&data, &size);
	const struct http_limits *limits = fuzz_choice(&data, &size) & 1 ?
	    &small :
	    &large;
	struct parsed whole, pieces;

	parse(&whole, data, size, '0', limits);
	check(&whole, limits);
	parse(&pieces, data, size, choice, limits);
	check(&pieces, limits);
	check_same(&whole, &pieces);
	if (whole.verdict == HTTP_COMPLETE)
		check_end(&whole, data, limits);
	free(whole.data);
	free(pieces.data);
	return 0;
}
