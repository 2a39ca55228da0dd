/* SPDX-License-Identifier: ISC */
#include "message/request_id.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/fields.h"
#include "http/head.h"
#include "message/channel.h"

/* traceparent: version "-" trace-id "-" parent-id "-" trace-flags. */
#define VERSION_DIGITS 2
#define TRACE_DIGITS   32
#define PARENT_DIGITS  16
#define FLAGS_DIGITS   2
#define TRACE_AT       (VERSION_DIGITS + 1)
#define PARENT_AT      (TRACE_AT + TRACE_DIGITS + 1)
#define FLAGS_AT       (PARENT_AT + PARENT_DIGITS + 1)
#define TRACEPARENT    (FLAGS_AT + FLAGS_DIGITS)

/* Connections whose random bits are asked for at a time: getrandom gives so many
 * octets without an interruption. */
#define KEPT 16

static const char hexadecimal[] = "0123456789abcdef";

static bool
is_id_octet(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool
request_id_is_valid(struct slice text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (!is_id_octet(text.data[i]))
			return false;
	return text.len > 0 && text.len <= REQUEST_ID_MAX;
}

static bool
are_digits(const char *text, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (text[i] == '\0' || !strchr(hexadecimal, text[i]))
			return false;
	return true;
}

static bool
are_zeros(const char *text, size_t count)
{
	return strspn(text, "0") >= count;
}

/* Version 00 ends with the flags, and a later one may go on (W3C Trace Context
 * 3.2.2, 4.3); there is none of the number ff. */
static bool
is_traceparent(struct slice value)
{
	const char *text = value.data;

	if (value.len < TRACEPARENT || !are_digits(text, VERSION_DIGITS) ||
	    memcmp(text, "ff", VERSION_DIGITS) == 0)
		return false;
	if (value.len > TRACEPARENT &&
	    (memcmp(text, "00", VERSION_DIGITS) == 0 ||
		text[TRACEPARENT] != '-'))
		return false;
	return text[TRACE_AT - 1] == '-' && text[PARENT_AT - 1] == '-' &&
	    text[FLAGS_AT - 1] == '-' &&
	    are_digits(text + TRACE_AT, TRACE_DIGITS) &&
	    are_digits(text + PARENT_AT, PARENT_DIGITS) &&
	    are_digits(text + FLAGS_AT, FLAGS_DIGITS);
}

struct slice
request_id_of_trace(struct slice value)
{
	const char *text = value.data;

	if (!is_traceparent(value) ||
	    are_zeros(text + TRACE_AT, TRACE_DIGITS) ||
	    are_zeros(text + PARENT_AT, PARENT_DIGITS))
		return (struct slice){ NULL, 0 };
	return (struct slice){ text + TRACE_AT, TRACE_DIGITS };
}

/* The value of the only line of that name: of two, one may be the client's. */
static struct slice
only_value(const struct http_head *head, const char *name)
{
	if (fields_count(head->fields, head->field_count, name) != 1)
		return (struct slice){ NULL, 0 };
	return fields_find(head->fields, head->field_count, name)->value;
}

static struct slice
given_id(const struct http_head *head)
{
	struct slice id = only_value(head, "X-Request-Id");

	if (request_id_is_valid(id))
		return id;
	return request_id_of_trace(only_value(head, "traceparent"));
}

/* Random bits of this process, which a fork has not. */
static struct {
	pid_t owner;
	size_t left;
	uint64_t bits[KEPT][2];
} kept;

static void
fill(void)
{
	size_t i;

	/* Never short of so few octets; but ids are to differ, come what may. */
	if (getrandom(kept.bits, sizeof(kept.bits), 0) !=
	    (ssize_t)sizeof(kept.bits))
		for (i = 0; i < KEPT; i++) {
			kept.bits[i][0] = (uint64_t)clock_us() << 20;
			kept.bits[i][1] = (uint64_t)getpid() << 32 | i;
		}
	kept.owner = getpid();
	kept.left = KEPT;
}

static void
take_bits(uint64_t bits[2])
{
	if (kept.left == 0 || kept.owner != getpid())
		fill();
	memcpy(bits, kept.bits[--kept.left], sizeof(kept.bits[0]));
}

static char *
put_digits(char *out, uint64_t bits)
{
	int shift;

	for (shift = 60; shift >= 0; shift -= 4)
		*out++ = hexadecimal[bits >> shift & 0xf];
	return out;
}

static void
make_id(struct connection_facts *facts, char *out)
{
	if (facts->id[0] == 0 && facts->id[1] == 0)
		take_bits(facts->id);
	out = put_digits(out, facts->id[0] + facts->requests);
	out = put_digits(out, facts->id[1]);
	*out = '\0';
}

const char *
request_id_write(struct channel *channel, const struct http_head *head,
    char out[REQUEST_ID_BYTES])
{
	struct slice given = { NULL, 0 };

	if (channel->facts.from_proxy)
		given = given_id(head);
	if (given.len > 0)
		*(char *)mempcpy(out, given.data, given.len) = '\0';
	else
		make_id(&channel->facts, out);
	return out;
}
