/*
 * A family of metrics is its help and its type, and a sample for each set of
 * labels. OpenMetrics names the family of a counter without the "_total" of its
 * samples, and ends with a line of its own.
 *
 * SPDX-License-Identifier: ISC
 */
#include "status/metrics.h"

#include <inttypes.h>
#include <stddef.h>

#include "shared/escape.h"
#include "status/counts.h"

struct writer {
	struct prong_request *request;
	bool is_open;
};

/* A number of struct prong_server_stats. */
struct number {
	const char *name, *help;
	size_t offset;
};

#define AT(member) offsetof(struct prong_server_stats, member)

static const struct number gauges[] = {
	{ "prong_start_time_seconds", "When the server started.", AT(started) },
	{ "prong_generation_start_time_seconds",
	    "When the generation that serves started.",
	    AT(generation_started) },
	{ "prong_generation", "The number of the generation that serves.",
	    AT(generation) },
	{ "prong_connections", "Connections now.", AT(connections_now) },
	{ "prong_connections_limit", "Connections that there may be at a time.",
	    AT(connections_max) },
};

static const struct number counters[] = {
	{ "prong_connections_accepted", "Connections that were accepted.",
	    AT(connections_total) },
	{ "prong_connections_crashed",
	    "Connections that ended with their process, by a signal.",
	    AT(connections_crashed) },
	{ "prong_requests", "Requests that have begun.", AT(requests_total) },
	{ "prong_received_bytes", "Octets received from clients.",
	    AT(bytes_received) },
	{ "prong_sent_bytes", "Octets sent to clients.", AT(bytes_sent) },
	{ "prong_access_log_dropped_lines",
	    "Lines of the access log that were not written.",
	    AT(log_lines_dropped) },
};

static int
begin(const struct writer *w, const char *name, const char *type,
    const char *help)
{
	const bool is_counter = type[0] == 'c';
	const char *suffix = is_counter && !w->is_open ? "_total" : "";

	return prong_printf(w->request, "# HELP %s%s %s\n# TYPE %s%s %s\n",
	    name, suffix, help, name, suffix, type);
}

static uint64_t
number_at(const struct prong_server_stats *stats, size_t offset)
{
	return *(const uint64_t *)(const void *)((const char *)stats + offset);
}

static int
write_gauges(const struct writer *w, const struct prong_server_stats *stats)
{
	size_t i;

	for (i = 0; i < sizeof(gauges) / sizeof(gauges[0]); i++)
		if (begin(w, gauges[i].name, "gauge", gauges[i].help) < 0 ||
		    prong_printf(w->request, "%s %" PRIu64 "\n", gauges[i].name,
			number_at(stats, gauges[i].offset)) < 0)
			return -1;
	if (begin(w, "prong_ready", "gauge",
		"0 when the server is about to stop.") < 0)
		return -1;
	return prong_printf(w->request, "prong_ready %d\n", !stats->is_leaving);
}

static int
write_counters(const struct writer *w, const struct prong_server_stats *stats)
{
	size_t i;

	for (i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		if (begin(w, counters[i].name, "counter", counters[i].help) <
			0 ||
		    prong_printf(w->request, "%s_total %" PRIu64 "\n",
			counters[i].name,
			number_at(stats, counters[i].offset)) < 0)
			return -1;
	return 0;
}

static int
write_responses(const struct writer *w, const struct prong_server_stats *stats)
{
	int class;

	if (begin(w, "prong_responses", "counter",
		"Responses, by the class of their status.") < 0)
		return -1;
	for (class = 1; class <= 5; class ++)
		if (prong_printf(w->request,
			"prong_responses_total{class=\"%dxx\"} %" PRIu64 "\n",
			class, stats->responses[class]) < 0)
			return -1;
	return 0;
}

static int
write_build(const struct writer *w, const struct prong_server_stats *stats)
{
	if (begin(w, "prong_build_info", "gauge",
		"1, with the version of the server.") < 0 ||
	    prong_print(w->request, "prong_build_info{version=") < 0 ||
	    escape_json(w->request, stats->version ? stats->version : "") < 0)
		return -1;
	return prong_print(w->request, "} 1\n");
}

static int
write_families(const struct writer *w, const struct prong_server_stats *stats)
{
	if (write_build(w, stats) < 0 || write_gauges(w, stats) < 0 ||
	    write_counters(w, stats) < 0)
		return -1;
	return write_responses(w, stats);
}

int
metrics_write(struct prong_request *request, const struct counts *counts,
    bool is_open)
{
	const struct writer w = { request, is_open };

	if (counts->is_counted && write_families(&w, &counts->server) < 0)
		return -1;
	return is_open ? prong_print(request, "# EOF\n") : 0;
}
