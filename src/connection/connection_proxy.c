/*
 * Reads the header of a proxy (proxy.h), which comes before all requests.
 *
 * SPDX-License-Identifier: ISC
 */
#include "connection/internal.h"

#include <errno.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/scoreboard.h"
#include "http/proxy.h"

/* Makes the client that the proxy named the client of the connection. */
static void
apply_header(struct connection *connection, const struct proxy_header *header)
{
	struct channel *channel = &connection->channel;
	struct scoreboard_page *page = channel->page;

	input_skip(&channel->input, header->length);
	if (!header->has_addresses)
		return;
	log_debug("%s is a trusted proxy and names its client",
	    channel->client);
	channel_set_client(channel, &header->client);
	channel->facts.server = header->server;
	channel->facts.secure = header->secure;
	scoreboard_name_client(page, channel->client);
}

/* Reads more of the proxy's header. */
static enum arrival
read_more_of_proxy(struct connection *connection, int64_t deadline_ms)
{
	struct input *input = &connection->channel.input;
	enum arrival arrival = connection_wait(connection, deadline_ms);
	ssize_t n;

	if (arrival == ARRIVAL_IDLE && input_pending(input) > 0)
		return ARRIVAL_SLOW;
	if (arrival != ARRIVAL_COMPLETE)
		return arrival;
	n = netio_read_now(&connection->channel.io, input->data + input->end,
	    input->size - input->end);
	if (n > 0)
		input->end += (size_t)n;
	return n > 0 || (n < 0 && errno == EAGAIN) ? ARRIVAL_COMPLETE :
						     ARRIVAL_GONE;
}

enum arrival
connection_meet_proxy(struct connection *connection)
{
	int64_t deadline_ms = clock_ms() + connection->limits->head_timeout_ms;
	const struct input *input = &connection->channel.input;
	enum arrival arrival = ARRIVAL_COMPLETE;
	enum proxy_verdict verdict;
	struct proxy_header header;

	do {
		verdict = proxy_parse(input->data + input->start,
		    input_pending(input), &header);
		if (verdict == PROXY_INCOMPLETE)
			arrival = read_more_of_proxy(connection, deadline_ms);
	} while (verdict == PROXY_INCOMPLETE && arrival == ARRIVAL_COMPLETE);
	if (verdict == PROXY_COMPLETE) {
		apply_header(connection, &header);
		return ARRIVAL_COMPLETE;
	}
	if (verdict != PROXY_INCOMPLETE)
		arrival = ARRIVAL_FOREIGN;
	/* No line for a proxy that only checks whether the port is open. */
	if (arrival != ARRIVAL_ORPHANED && input_pending(input) > 0)
		log_warning("%s is a trusted proxy, but %s: the connection is "
			    "closed",
		    connection->channel.client, proxy_verdict_text(verdict));
	else if (arrival == ARRIVAL_IDLE)
		log_warning("%s is a trusted proxy, but sent nothing within "
			    "head_timeout: the connection is closed",
		    connection->channel.client);
	return arrival;
}
