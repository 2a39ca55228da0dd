/*
 * Waits for the head of a request and reads it, until http/head.c has found it
 * complete or malformed.
 *
 * SPDX-License-Identifier: ISC
 */
#include "connection/internal.h"

#include <errno.h>

#include "base/clock.h"
#include "base/scoreboard.h"

/* How long the first request may take after the generation has ended. Between
 * requests a client must expect a close, on a new connection it does not. */
#define ORPHAN_MS 1000

enum arrival
connection_wait(struct connection *connection, int64_t deadline_ms)
{
	struct channel *channel = &connection->channel;
	int64_t orphan_ms = channel->facts.requests > 0 ? 0 : ORPHAN_MS;

	switch (netio_wait(&channel->io, deadline_ms, orphan_ms)) {
	case NETIO_TIMED_OUT:
		return ARRIVAL_IDLE;
	case NETIO_ORPHANED:
		return ARRIVAL_ORPHANED;
	case NETIO_RESTS:
		return ARRIVAL_RESTS;
	case NETIO_READY:
	default:
		return ARRIVAL_COMPLETE;
	}
}

/* Waits for the first octet of a request. */
static enum arrival
await_request(struct connection *connection)
{
	const struct limits *limits = connection->limits;
	int64_t timeout_ms = connection->channel.facts.requests > 0 ?
	    limits->idle_timeout_ms :
	    limits->head_timeout_ms;
	int64_t now_ms = clock_ms();

	connection->channel.page->turn_ms = now_ms;
	connection->idle_deadline_ms = now_ms + timeout_ms;
	return connection_wait(connection, connection->idle_deadline_ms);
}

/* The head has begun, but does not end yet. */
static void
begin_head(struct connection *connection)
{
	int64_t now_ms = clock_ms();

	connection->channel.page->turn_ms = now_ms;
	connection->head_deadline_ms = now_ms +
	    connection->limits->head_timeout_ms;
}

/* Reads more of a head. ARRIVAL_COMPLETE: there is more to parse. */
static enum arrival
read_more(struct connection *connection)
{
	const struct http_head *head = &connection->head;
	struct input *input = &connection->channel.input;
	struct netio *io = &connection->channel.io;
	bool begun = http_head_begun(head);
	/* The first request is often there already; later ones rarely are. */
	bool may_be_there = begun || connection->channel.facts.requests == 0;
	bool has_to_come = true;
	ssize_t n = -1;

	if (!input_make_room(input))
		return ARRIVAL_SLOW; /* impossible: the limits of the head */
	if (begun && connection->head_deadline_ms == INT64_MAX)
		begin_head(connection);
	if (may_be_there) {
		n = netio_read_now(io, input->data + input->end,
		    input->size - input->end);
		has_to_come = n < 0 && errno == EAGAIN;
	}
	if (has_to_come && !begun) {
		enum arrival arrival = await_request(connection);

		if (arrival != ARRIVAL_COMPLETE)
			return arrival;
	}
	if (has_to_come)
		n = netio_read(io, input->data + input->end,
		    input->size - input->end,
		    begun ? connection->head_deadline_ms : clock_ms());
	if (n < 0 && errno == ETIMEDOUT)
		return begun ? ARRIVAL_SLOW : ARRIVAL_IDLE;
	if (n <= 0)
		return ARRIVAL_GONE;
	input->end += (size_t)n;
	return ARRIVAL_COMPLETE;
}

static enum arrival
read_head(struct connection *connection)
{
	const struct limits *limits = connection->limits;
	const struct http_limits http_limits = {
		.max_request_line_bytes = limits->max_request_line_bytes,
		.max_head_bytes = limits->max_head_bytes,
		.max_fields = limits->max_fields
	};
	struct http_head *head = &connection->head;
	struct input *input = &connection->channel.input;

	http_head_init(head, connection->fields, limits->max_fields);
	connection->head_deadline_ms = INT64_MAX;
	for (;;) {
		enum arrival arrival;

		if (input_pending(input) > 0) {
			connection->verdict = http_head_parse(head,
			    input->data + input->start, input_pending(input),
			    &http_limits);
			if (connection->verdict == HTTP_COMPLETE)
				return ARRIVAL_COMPLETE;
			if (connection->verdict != HTTP_INCOMPLETE)
				return ARRIVAL_REFUSED;
			connection->channel.page->state = SCOREBOARD_READING;
		}
		arrival = read_more(connection);
		if (arrival != ARRIVAL_COMPLETE)
			return arrival;
	}
}

enum arrival
connection_read_head(struct connection *connection)
{
	const struct input *input = &connection->channel.input;
	enum arrival arrival = read_head(connection);

	if (arrival == ARRIVAL_REFUSED || arrival == ARRIVAL_SLOW)
		http_head_abandon(&connection->head, input->data + input->start,
		    input_pending(input));
	return arrival;
}
