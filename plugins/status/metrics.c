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

#include "status/counts.h"
#include "status/metrics_handlers.h"
#include "status/metrics_server.h"
#include "status/metrics_writer.h"
#include "status/names.h"

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
	{ "prong_connections_refused", "Connections that were refused.",
	    AT(connections_refused) },
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
	{ "prong_discarded_pages",
	    "Processes whose counts cannot be true, and were left out.",
	    AT(pages_discarded) },
};

/* A table of them. */
struct set {
	const char *name, *help, *label;
	const char *const *values;
	size_t count, offset;
};

static const struct set sets[] = {
	{ "prong_method_requests", "Requests that have ended, by their method.",
	    "method", names_of_methods, PRONG_STATS_METHODS, AT(methods) },
	{ "prong_error_responses", "Responses to requests, by their status.",
	    "status", names_of_errors, PRONG_STATS_ERRORS, AT(errors) },
	{ "prong_refusals",
	    "Connections that were refused, and requests (pool), by reason.",
	    "reason", names_of_refusals, PRONG_STATS_REFUSALS, AT(refusals) },
};

static uint64_t
number_at(const struct prong_server_stats *stats, size_t offset)
{
	return *(const uint64_t *)(const void *)((const char *)stats + offset);
}

static int
write_gauges(const struct metrics_writer *w,
    const struct prong_server_stats *stats)
{
	size_t i;

	for (i = 0; i < sizeof(gauges) / sizeof(gauges[0]); i++)
		if (metrics_begin(w, gauges[i].name, "gauge", gauges[i].help) <
			0 ||
		    prong_printf(w->request, "%s %" PRIu64 "\n", gauges[i].name,
			number_at(stats, gauges[i].offset)) < 0)
			return -1;
	if (metrics_begin(w, "prong_ready", "gauge",
		"0 when the server is about to stop.") < 0)
		return -1;
	return prong_printf(w->request, "prong_ready %d\n", !stats->is_leaving);
}

static int
write_counters(const struct metrics_writer *w,
    const struct prong_server_stats *stats)
{
	size_t i;

	for (i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		if (metrics_begin(w, counters[i].name, "counter",
			counters[i].help) < 0 ||
		    prong_printf(w->request, "%s_total %" PRIu64 "\n",
			counters[i].name,
			number_at(stats, counters[i].offset)) < 0)
			return -1;
	return 0;
}

/* Counters with a label of a fixed set. */
static int
write_set(const struct metrics_writer *w, const struct set *set,
    const struct prong_server_stats *stats)
{
	const uint64_t *numbers =
	    (const uint64_t *)(const void *)((const char *)stats + set->offset);
	size_t i;

	if (metrics_begin(w, set->name, "counter", set->help) < 0)
		return -1;
	for (i = 0; i < set->count; i++)
		if (prong_printf(w->request,
			"%s_total{%s=\"%s\"} %" PRIu64 "\n", set->name,
			set->label, set->values[i], numbers[i]) < 0)
			return -1;
	return 0;
}

static int
write_responses(const struct metrics_writer *w,
    const struct prong_server_stats *stats)
{
	int class;

	if (metrics_begin(w, "prong_responses", "counter",
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
write_build(const struct metrics_writer *w,
    const struct prong_server_stats *stats)
{
	if (metrics_begin(w, "prong_build_info", "gauge",
		"1, with the version of the server.") < 0 ||
	    prong_print(w->request, "prong_build_info{") < 0 ||
	    metrics_label(w, "version", stats->version ? stats->version : "") <
		0)
		return -1;
	return prong_print(w->request, "} 1\n");
}

static int
write_families(const struct metrics_writer *w,
    const struct prong_server_stats *stats)
{
	size_t i;

	if (write_build(w, stats) < 0 || write_gauges(w, stats) < 0 ||
	    write_counters(w, stats) < 0 || write_responses(w, stats) < 0)
		return -1;
	for (i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		if (write_set(w, &sets[i], stats) < 0)
			return -1;
	if (metrics_server_write(w) < 0)
		return -1;
	return metrics_handlers_write(w);
}

int
metrics_write(struct prong_request *request, const struct counts *counts,
    bool is_open)
{
	const struct metrics_writer w = { request, is_open };

	if (counts->is_counted && write_families(&w, &counts->server) < 0)
		return -1;
	return is_open ? prong_print(request, "# EOF\n") : 0;
}
