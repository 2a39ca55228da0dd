/*
 * Each family goes through all handlers once.
 *
 * SPDX-License-Identifier: ISC
 */
#include "status/metrics_handlers.h"

#include <inttypes.h>
#include <stddef.h>

#include <prong/handler.h>

#include "status/metrics_writer.h"

/* Of the buckets every fourth is shown: each doubling of the duration. */
#define STEP 4

/* A family whose samples are those of handlers, or of routes. */
struct family {
	const char *name, *type, *help;
	bool is_of_routes;
	int (*write)(const struct metrics_writer *w,
	    const struct family *family, const struct prong_handler_stats *h);
	size_t offset; /* of the number, for write_number */
};

/* NAME{handler="...", without the brace that ends it. */
static int
begin_sample(const struct metrics_writer *w, const struct family *f,
    const char *suffix, const struct prong_handler_stats *h)
{
	if (prong_printf(w->request, "%s%s{", f->name, suffix) < 0 ||
	    metrics_label(w, "handler", h->name) < 0)
		return -1;
	if (!f->is_of_routes)
		return 0;
	if (prong_print(w->request, ",") < 0)
		return -1;
	return metrics_label(w, "route", h->route);
}

static int
write_number(const struct metrics_writer *w, const struct family *f,
    const struct prong_handler_stats *h)
{
	const uint64_t *number =
	    (const uint64_t *)(const void *)((const char *)h + f->offset);

	if (begin_sample(w, f, "_total", h) < 0)
		return -1;
	return prong_printf(w->request, "} %" PRIu64 "\n", *number);
}

static int
write_responses(const struct metrics_writer *w, const struct family *f,
    const struct prong_handler_stats *h)
{
	static const char *const classes[6] = { "none", "1xx", "2xx", "3xx",
		"4xx", "5xx" };
	size_t i;

	for (i = 0; i < 6; i++)
		if (begin_sample(w, f, "_total", h) < 0 ||
		    prong_print(w->request, ",") < 0 ||
		    metrics_label(w, "class", classes[i]) < 0 ||
		    prong_printf(w->request, "} %" PRIu64 "\n",
			h->responses[i]) < 0)
			return -1;
	return 0;
}

/* Of a slow request that is counted in the bucket, and in none before. */
static int
write_exemplar(const struct metrics_writer *w,
    const struct prong_handler_stats *h, uint64_t least_us, uint64_t most_us)
{
	if (!w->is_open || h->slow_id[0] == '\0' || h->slow_us < least_us ||
	    h->slow_us >= most_us)
		return 0;
	if (prong_print(w->request, " # {") < 0 ||
	    metrics_label(w, "request_id", h->slow_id) < 0 ||
	    prong_print(w->request, "} ") < 0 ||
	    metrics_seconds(w, h->slow_us) < 0)
		return -1;
	return prong_printf(w->request, " %" PRId64, h->slow_time);
}

static int
write_bucket(const struct metrics_writer *w, const struct family *f,
    const struct prong_handler_stats *h, uint64_t bounds_us[2], uint64_t count)
{
	if (begin_sample(w, f, "_bucket", h) < 0 ||
	    prong_print(w->request, ",le=\"") < 0 ||
	    (bounds_us[1] == UINT64_MAX ?
		    prong_print(w->request, "+Inf") :
		    metrics_seconds(w, bounds_us[1])) < 0 ||
	    prong_printf(w->request, "\"} %" PRIu64, count) < 0 ||
	    write_exemplar(w, h, bounds_us[0], bounds_us[1]) < 0)
		return -1;
	return prong_print(w->request, "\n");
}

static int
write_histogram(const struct metrics_writer *w, const struct family *f,
    const struct prong_handler_stats *h)
{
	uint64_t count = 0, bounds_us[2] = { 0, 0 };
	size_t i;

	for (i = 0; i < PRONG_STATS_BUCKETS; i++) {
		count += h->latency[i];
		if (i % STEP != 0 && i != PRONG_STATS_BUCKETS - 1)
			continue;
		bounds_us[1] = prong_stats_bound_us(i);
		if (write_bucket(w, f, h, bounds_us, count) < 0)
			return -1;
		bounds_us[0] = bounds_us[1];
	}
	if (begin_sample(w, f, "_sum", h) < 0 ||
	    prong_print(w->request, "} ") < 0 ||
	    metrics_seconds(w, h->latency_sum_us) < 0 ||
	    prong_print(w->request, "\n") < 0 ||
	    begin_sample(w, f, "_count", h) < 0)
		return -1;
	return prong_printf(w->request, "} %" PRIu64 "\n", count);
}

#define AT(member) offsetof(struct prong_handler_stats, member)

static const struct family families[] = {
	{ "prong_handler_responses", "counter",
	    "Requests of each handler, by the class of the response; none: the "
	    "client closed before.",
	    false, write_responses, 0 },
	{ "prong_handler_duration_seconds", "histogram",
	    "From the head of a request to the last octet of its response.",
	    false, write_histogram, 0 },
	{ "prong_handler_crashes", "counter",
	    "Processes that a signal has ended in the handler.", false,
	    write_number, AT(crashes_total) },
	{ "prong_handler_limits", "counter",
	    "Processes that were ended at a limit of the handler's route.",
	    false, write_number, AT(limits) },
	{ "prong_handler_sandbox_refusals", "counter",
	    "Calls of the handler that the sandbox has refused.", false,
	    write_number, AT(refusals) },
	{ "prong_route_responses", "counter",
	    "The same by route, if route_metrics is set.", true,
	    write_responses, 0 },
	{ "prong_route_duration_seconds", "histogram",
	    "The same by route, if route_metrics is set.", true,
	    write_histogram, 0 },
};

/* A family without a sample is left out. */
static int
write_family(const struct metrics_writer *w, const struct family *f)
{
	struct prong_handler_stats h;
	uint64_t cursor = 0;
	bool has_begun = false;

	while (prong_handler_stats(w->request, &cursor, &h) == 1) {
		if ((h.route[0] != '\0') != f->is_of_routes)
			continue;
		if (!has_begun &&
		    metrics_begin(w, f->name, f->type, f->help) < 0)
			return -1;
		has_begun = true;
		if (f->write(w, f, &h) < 0)
			return -1;
	}
	return 0;
}

int
metrics_handlers_write(const struct metrics_writer *w)
{
	size_t i;

	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (write_family(w, &families[i]) < 0)
			return -1;
	return 0;
}
