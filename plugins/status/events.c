/* SPDX-License-Identifier: ISC */
#include "status/events.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <prong/handler.h>

#include "status/counts.h"
#include "status/page.h"

#define PERIOD_MS 2000

/* A pause is no longer than this, so that a process that is to end does not wait. */
#define NAP_MS 250

/* After so many events the client connects again, and so gets to the processes of a
 * generation that has replaced this one. */
#define EVENTS_OF_A_STREAM 30

static bool
is_stream(const struct prong_connection_stats *c)
{
	return strcmp(c->handler, "status") == 0 && c->request_since > 0 &&
	    (strstr(c->request, "format=events") ||
		strstr(c->request, "/events"));
}

/* The streams of all processes, with this one. Each process shows its request before
 * its handler runs, and a worker at the next wait. So of those that begin at the same
 * time none misses another, and there is no counter that a killed process would leave
 * wrong. */
static size_t
count_streams(struct prong_request *request)
{
	struct prong_connection_stats connection;
	uint64_t cursor = 0;
	size_t count = 0;

	if (prong_pause(request, 1) < 0)
		return SIZE_MAX;
	while (prong_connection_stats(request, &cursor, &connection) == 1)
		count += is_stream(&connection);
	return count;
}

static bool
is_ending(struct prong_request *request, const struct counts *counts)
{
	return !counts->is_counted || counts->server.is_leaving ||
	    (prong_facts(request) & PRONG_FACT_ENDS) != 0;
}

/* False when the stream has to end. */
static bool
wait_for_next(struct prong_request *request, const struct counts *counts)
{
	int slept;

	for (slept = 0; slept < PERIOD_MS; slept += NAP_MS)
		if (is_ending(request, counts) ||
		    prong_pause(request, NAP_MS) < 0)
			return false;
	return true;
}

static bool
send_event(struct page *page, struct prong_request *request,
    struct counts *counts)
{
	counts->is_counted = prong_server_stats(request, &counts->server) == 0;
	return prong_print(request, "data: ") == 0 &&
	    page_write_live(page, request, counts) == 0 &&
	    prong_print(request, "\n\n") == 0 && prong_flush(request) == 0;
}

void
events_send(struct prong_request *request, struct counts *counts)
{
	struct page page;
	int events = 0;

	if (page_init(&page, request) < 0 ||
	    (prong_facts(request) & PRONG_FACT_RESERVED) ||
	    !counts->is_counted || count_streams(request) > EVENTS_MAX) {
		prong_status(request, 204);
		return;
	}
	prong_field(request, "Content-Type", "text/event-stream");
	prong_print(request, "retry: 1000\n\n");
	while (send_event(&page, request, counts) &&
	    ++events < EVENTS_OF_A_STREAM && wait_for_next(request, counts))
		;
}
