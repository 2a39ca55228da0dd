/* SPDX-License-Identifier: ISC */
#include "status/json_handlers.h"

#include <inttypes.h>
#include <stdbool.h>

#include <prong/handler.h>

#include "shared/escape.h"
#include "status/json_text.h"
#include "status/latency.h"
#include "status/options.h"
#include "status/signal_name.h"

/* Seconds, with microseconds. */
static int
write_seconds(struct prong_request *request, const char *name, uint64_t us)
{
	return prong_printf(request, ",\"%s\":%" PRIu64 ".%06" PRIu64, name,
	    us / 1000000, us % 1000000);
}

static int
write_latency(struct prong_request *request, const struct latency *l)
{
	static const struct {
		const char *name;
		unsigned thousandths;
	} quantiles[] = { { "p50", 500 }, { "p90", 900 }, { "p99", 990 },
		{ "p999", 999 } };
	size_t i;

	if (prong_printf(request, "\"latency\":{\"count\":%" PRIu64,
		latency_count(l)) < 0 ||
	    write_seconds(request, "sum", l->sum_us) < 0)
		return -1;
	for (i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++)
		if (write_seconds(request, quantiles[i].name,
			latency_quantile_us(l, quantiles[i].thousandths)) < 0)
			return -1;
	if (write_seconds(request, "max", l->max_us) < 0)
		return -1;
	return prong_print(request, "}");
}

static uint64_t
requests_of(const struct prong_handler_stats *h)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < 6; i++)
		sum += h->responses[i];
	return sum;
}

static int
write_last_crash(struct prong_request *request,
    const struct prong_handler_stats *h)
{
	char name[SIGNAL_NAME_BYTES];

	if (h->crash_time == 0)
		return 0;
	if (prong_printf(request,
		",\"last_crash\":{\"time\":%" PRId64 ",\"pid\":%" PRIu64,
		h->crash_time, h->crash_pid) < 0 ||
	    json_text(request, "signal", signal_name(h->crash_signal, name)) <
		0 ||
	    json_text(request, "client", h->crash_client) < 0 ||
	    json_text(request, "request", h->crash_request) < 0 ||
	    json_text(request, "id", h->crash_id) < 0)
		return -1;
	return prong_print(request, "}");
}

static int
write_handler(struct prong_request *request,
    const struct prong_handler_stats *h)
{
	struct latency latency = { .sum_us = 0 };

	latency_add(&latency, h);
	if (prong_print(request, "{\"name\":") < 0 ||
	    escape_json(request, h->name) < 0 ||
	    (h->route[0] != '\0' &&
		json_text(request, "route", h->route) < 0) ||
	    prong_printf(request,
		",\"requests\":%" PRIu64 ",\"responses\":{\"2xx\":%" PRIu64
		",\"3xx\":%" PRIu64 ",\"4xx\":%" PRIu64 ",\"5xx\":%" PRIu64
		",\"none\":%" PRIu64 "},",
		requests_of(h), h->responses[2], h->responses[3],
		h->responses[4], h->responses[5], h->responses[0]) < 0 ||
	    write_latency(request, &latency) < 0)
		return -1;
	if (h->route[0] == '\0' &&
	    (prong_printf(request,
		 ",\"crashes\":%" PRIu64 ",\"limits\":%" PRIu64
		 ",\"sandbox\":%" PRIu64,
		 h->crashes_total, h->limits, h->refusals) < 0 ||
		write_last_crash(request, h) < 0))
		return -1;
	return prong_print(request, "}");
}

/* A list of those with a route, or of those without. */
static int
write_list(struct prong_request *request, const struct options *options,
    const char *name, bool with_route)
{
	struct prong_handler_stats h;
	const char *separator = "\n";
	uint64_t cursor = 0;

	if (prong_printf(request, "\"%s\":[", name) < 0)
		return -1;
	while (options_next_handler(options, request, &cursor, &h) == 1) {
		if ((h.route[0] != '\0') != with_route)
			continue;
		if (prong_print(request, separator) < 0 ||
		    write_handler(request, &h) < 0)
			return -1;
		separator = ",\n";
	}
	return prong_print(request, "],\n");
}

/* Writes "crashes":{"static":0,...}: of this generation. */
static int
write_crashes(struct prong_request *request)
{
	struct prong_handler_stats h;
	const char *separator = "";
	uint64_t cursor = 0;

	if (prong_print(request, "\"crashes\":{") < 0)
		return -1;
	while (prong_handler_stats(request, &cursor, &h) == 1) {
		if (h.name[0] == '(' || h.route[0] != '\0')
			continue;
		if (prong_print(request, separator) < 0 ||
		    escape_json(request, h.name) < 0 ||
		    prong_printf(request, ":%" PRIu64, h.crashes) < 0)
			return -1;
		separator = ",";
	}
	return prong_print(request, "},\n");
}

/* Of all handlers. */
static int
write_all(struct prong_request *request)
{
	struct latency latency = { .sum_us = 0 };
	struct prong_handler_stats h;
	uint64_t cursor = 0;

	while (prong_handler_stats(request, &cursor, &h) == 1)
		if (h.route[0] == '\0')
			latency_add(&latency, &h);
	if (write_latency(request, &latency) < 0)
		return -1;
	return prong_print(request, ",\n");
}

int
json_handlers_write(struct prong_request *request,
    const struct options *options)
{
	if (write_all(request) < 0 || write_crashes(request) < 0 ||
	    write_list(request, options, "handlers", false) < 0)
		return -1;
	return write_list(request, options, "routes", true);
}
