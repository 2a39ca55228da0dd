/*
 * The status as JSON. Members may be added, but never removed or changed.
 *
 * SPDX-License-Identifier: ISC
 */
#include "status/json.h"

#include <inttypes.h>

#include "shared/escape.h"
#include "status/counts.h"
#include "status/json_handlers.h"
#include "status/json_server.h"
#include "status/json_text.h"
#include "status/names.h"
#include "status/options.h"

static int
write_server(struct prong_request *request, const struct counts *counts)
{
	const struct prong_server_stats *s = &counts->server;

	if (prong_printf(request,
		"\"schema\":1,\"time\":%" PRId64 ".%03" PRId64
		",\n\"version\":",
		s->time_ms / 1000, s->time_ms % 1000) < 0 ||
	    escape_json(request, s->version ? s->version : "") < 0)
		return -1;
	if (prong_printf(request,
		",\n\"started\":%" PRId64 ",\"uptime\":%" PRId64
		",\n\"generation\":{\"number\":%" PRIu64 ",\"started\":%" PRId64
		",\"uptime\":%" PRId64 "},\n\"pids\":{\"master\":%" PRIu64
		",\"generation\":%" PRIu64 "},\n",
		s->started, s->uptime, s->generation, s->generation_started,
		s->generation_uptime, s->master_pid, s->generation_pid) < 0)
		return -1;
	return prong_printf(request,
	    "\"connections\":{\"now\":%" PRIu64 ",\"max\":%" PRIu64
	    ",\"total\":%" PRIu64 ",\"refused\":%" PRIu64
	    ",\"crashed\":%" PRIu64 "},\n\"requests\":%" PRIu64
	    ",\n\"responses\":{\"1xx\":%" PRIu64 ",\"2xx\":%" PRIu64
	    ",\"3xx\":%" PRIu64 ",\"4xx\":%" PRIu64 ",\"5xx\":%" PRIu64
	    "},\n\"bytes\":{\"received\":%" PRIu64 ",\"sent\":%" PRIu64
	    "},\n\"log\":{\"dropped\":%" PRIu64 "},\n\"ready\":%s,\n",
	    s->connections_now, s->connections_max, s->connections_total,
	    s->connections_refused, s->connections_crashed, s->requests_total,
	    s->responses[1], s->responses[2], s->responses[3], s->responses[4],
	    s->responses[5], s->bytes_received, s->bytes_sent,
	    s->log_lines_dropped, s->is_leaving ? "false" : "true");
}

static int
write_connection(struct prong_request *request,
    const struct prong_connection_stats *c)
{
	if (prong_printf(request,
		"{\"pid\":%" PRIu64 ",\"age\":%" PRId64 ",\"requests\":%" PRIu64
		",\"sent\":%" PRIu64,
		c->pid, c->age, c->requests, c->bytes_sent) < 0 ||
	    (c->request_since > 0 &&
		prong_printf(request, ",\"request_age\":%" PRId64,
		    c->request_age) < 0))
		return -1;
	if (prong_printf(request, ",\"received\":%" PRIu64, c->bytes_received) <
		0 ||
	    (c->cpu_ms >= 0 &&
		prong_printf(request, ",\"cpu\":%" PRId64 ".%03" PRId64,
		    c->cpu_ms / 1000, c->cpu_ms % 1000) < 0) ||
	    json_text(request, "kind", c->kind) < 0 ||
	    json_text(request, "route", c->route) < 0)
		return -1;
	if (json_text(request, "state", c->state) < 0 ||
	    json_text(request, "client", c->client) < 0 ||
	    json_text(request, "handler", c->handler) < 0 ||
	    json_text(request, "request", c->request) < 0)
		return -1;
	return prong_print(request, "}");
}

/* Writes "NAME":{"...":0,...}. */
static int
write_numbers(struct prong_request *request, const char *name,
    const char *const *names, const uint64_t *numbers, size_t count)
{
	size_t i;

	if (prong_printf(request, "\"%s\":{", name) < 0)
		return -1;
	for (i = 0; i < count; i++)
		if (prong_printf(request, "%s\"%s\":%" PRIu64, i > 0 ? "," : "",
			names[i], numbers[i]) < 0)
			return -1;
	return prong_print(request, "},\n");
}

static int
write_causes(struct prong_request *request, const struct counts *counts)
{
	const struct prong_server_stats *s = &counts->server;

	if (write_numbers(request, "refused", names_of_refusals, s->refusals,
		PRONG_STATS_REFUSALS) < 0 ||
	    write_numbers(request, "errors", names_of_errors, s->errors,
		PRONG_STATS_ERRORS) < 0 ||
	    write_numbers(request, "methods", names_of_methods, s->methods,
		PRONG_STATS_METHODS) < 0)
		return -1;
	return prong_printf(request, "\"discarded\":%" PRIu64 ",\n",
	    s->pages_discarded);
}

int
json_write(struct prong_request *request, const struct counts *counts)
{
	struct prong_connection_stats connection;
	const char *separator = "\n";
	uint64_t cursor = 0;

	if (!counts->is_counted)
		return prong_print(request, "{\"counted\":false}\n");
	if (prong_print(request, "{\"counted\":true,\n") < 0 ||
	    write_server(request, counts) < 0 ||
	    write_causes(request, counts) < 0 ||
	    json_handlers_write(request, counts->options) < 0 ||
	    json_server_write(request) < 0 ||
	    prong_print(request, "\"table\":[") < 0)
		return -1;
	while (options_next_connection(counts->options, request, &cursor,
		   &connection) == 1) {
		if (prong_print(request, separator) < 0 ||
		    write_connection(request, &connection) < 0)
			return -1;
		separator = ",\n";
	}
	return prong_print(request, "\n]}\n");
}
