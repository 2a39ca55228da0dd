/* SPDX-License-Identifier: ISC */
#include "status/text.h"

#include <inttypes.h>
#include <stdio.h>

#include "shared/escape.h"
#include "status/counts.h"
#include "status/names.h"
#include "status/text_handlers.h"

/* "3d 04:05:06" */
static const char *
format_age(char *out, size_t size, int64_t seconds)
{
	int days = (int)(seconds / 86400), day = (int)(seconds % 86400);
	size_t length = 0;

	if (days > 0)
		length = (size_t)snprintf(out, size, "%dd ", days);
	snprintf(out + length, size - length, "%02d:%02d:%02d", day / 3600,
	    day / 60 % 60, day % 60);
	return out;
}

static int
write_server(struct prong_request *request, const struct counts *counts)
{
	const struct prong_server_stats *s = &counts->server;
	char master[32], generation[32];

	return prong_printf(request,
	    "prong %s\n\n"
	    "state        %s\n"
	    "uptime       %s\n"
	    "generation   %" PRIu64 ", for %s\n"
	    "processes    master %" PRIu64 ", generation %" PRIu64 "\n"
	    "connections  %" PRIu64 " now, %" PRIu64 " at most; %" PRIu64
	    " in all, %" PRIu64 " refused, %" PRIu64 " crashed\n"
	    "requests     %" PRIu64 "\n"
	    "responses    %" PRIu64 " 2xx, %" PRIu64 " 3xx, %" PRIu64
	    " 4xx, %" PRIu64 " 5xx\n"
	    "bytes        %" PRIu64 " received, %" PRIu64 " sent\n"
	    "access log   %" PRIu64 " lines dropped\n",
	    s->version ? s->version : "",
	    s->is_leaving ? "leaving: it stops soon" : "ready",
	    format_age(master, sizeof(master), s->uptime), s->generation,
	    format_age(generation, sizeof(generation), s->generation_uptime),
	    s->master_pid, s->generation_pid, s->connections_now,
	    s->connections_max, s->connections_total, s->connections_refused,
	    s->connections_crashed, s->requests_total, s->responses[2],
	    s->responses[3], s->responses[4], s->responses[5],
	    s->bytes_received, s->bytes_sent, s->log_lines_dropped);
}

static int
write_connection(struct prong_request *request,
    const struct prong_connection_stats *c)
{
	char age[32];

	if (prong_printf(request, "%8" PRIu64 "  %-10s  %11s  %6" PRIu64 "  ",
		c->pid, c->state, format_age(age, sizeof(age), c->age),
		c->requests) < 0)
		return -1;
	/* The connection has written them, and may have been broken into. */
	if (escape_column(request, c->handler, 10) < 0 ||
	    prong_print(request, "  ") < 0 ||
	    escape_column(request, c->client, 22) < 0 ||
	    prong_print(request, "  ") < 0 ||
	    escape_plain(request, c->request) < 0)
		return -1;
	return prong_print(request, "\n");
}

static int
write_refusals(struct prong_request *request,
    const struct prong_server_stats *s)
{
	size_t i;

	if (s->connections_refused == 0 && s->refusals[4] == 0)
		return 0;
	if (prong_print(request, "refused      ") < 0)
		return -1;
	for (i = 0; i < PRONG_STATS_REFUSALS; i++)
		if (prong_printf(request, "%s%" PRIu64 " %s", i > 0 ? ", " : "",
			s->refusals[i], names_of_refusals[i]) < 0)
			return -1;
	return prong_print(request, "\n");
}

/* Writes a line for each handler that has crashed. */
static int
write_crashes(struct prong_request *request)
{
	struct prong_handler_stats handler;
	uint64_t cursor = 0;

	while (prong_handler_stats(request, &cursor, &handler) == 1)
		if (handler.crashes > 0 &&
		    prong_printf(request, "crashes      %" PRIu64 " of %s\n",
			handler.crashes, handler.name) < 0)
			return -1;
	return 0;
}

int
text_write(struct prong_request *request, const struct counts *counts)
{
	struct prong_connection_stats connection;
	uint64_t cursor = 0;

	if (!counts->is_counted)
		return prong_print(request,
		    "prong\n\n"
		    "Nothing is counted: this process serves a connection "
		    "alone.\n");
	if (write_server(request, counts) < 0 ||
	    write_refusals(request, &counts->server) < 0 ||
	    write_crashes(request) < 0 || text_write_reloads(request) < 0 ||
	    text_write_handlers(request) < 0 ||
	    prong_print(request,
		"\n"
		"     pid  state               age  number  handler     "
		"client                  request\n") < 0)
		return -1;
	while (prong_connection_stats(request, &cursor, &connection) == 1)
		if (write_connection(request, &connection) < 0)
			return -1;
	return 0;
}
