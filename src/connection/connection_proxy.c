/*
 * The header of a proxy (proxy.h), which comes before all requests.
 *
 * SPDX-License-Identifier: ISC
 */
#include "connection/internal.h"

#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/scoreboard.h"
#include "http/proxy.h"

/* From here on the client is the one that the proxy named. */
static void
believe_proxy(struct connection *connection, const struct proxy_header *header)
{
	struct scoreboard_page *page = connection->request.page;
	struct door *door = &connection->door;

	input_skip(&connection->input, header->length);
	if (!header->has_addresses)
		return;
	log_debug("%s speaks for others", connection->client);
	door->client = header->client;
	door->server = header->server;
	door->secure = header->secure;
	address_format(&door->client, connection->client);
	snprintf(page->client, sizeof(page->client), "%.63s",
	    connection->client);
}

/* Reads more of the proxy's header. */
static enum arrival
read_more_of_proxy(struct connection *connection, int64_t deadline_ms)
{
	struct input *input = &connection->input;
	bool begun = input_pending(input) > 0;
	ssize_t n;

	switch (netio_wait(&connection->io, deadline_ms,
	    connection_orphan_ms(connection))) {
	case NETIO_TIMED_OUT:
		return begun ? ARRIVAL_SLOW : ARRIVAL_IDLE;
	case NETIO_ORPHANED:
		return ARRIVAL_ORPHANED;
	case NETIO_READY:
	default:
		break;
	}
	n = netio_read_now(&connection->io, input->data + input->end,
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
	const struct input *input = &connection->input;
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
		believe_proxy(connection, &header);
		return ARRIVAL_COMPLETE;
	}
	if (verdict != PROXY_INCOMPLETE)
		arrival = ARRIVAL_FOREIGN;
	/* Proxies that only look whether the port is open are welcome to. */
	if (arrival != ARRIVAL_ORPHANED && input_pending(input) > 0)
		log_warning("%s is a trusted proxy, but %s: the connection is "
			    "closed",
		    connection->client, proxy_verdict_text(verdict));
	else if (arrival == ARRIVAL_IDLE)
		log_warning("%s is a trusted proxy, but sent nothing within "
			    "head_timeout: the connection is closed",
		    connection->client);
	return arrival;
}
