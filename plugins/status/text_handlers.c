/* SPDX-License-Identifier: ISC */
#include "status/text_handlers.h"

#include <inttypes.h>
#include <stdio.h>

#include <prong/handler.h>

#include "shared/escape.h"
#include "status/latency.h"

/* "1.25 ms" */
static const char *
format_us(char *out, size_t size, uint64_t us)
{
	if (us < 1000)
		snprintf(out, size, "%" PRIu64 " us", us);
	else if (us < 1000000)
		snprintf(out, size, "%" PRIu64 ".%02" PRIu64 " ms", us / 1000,
		    us % 1000 / 10);
	else
		snprintf(out, size, "%" PRIu64 ".%02" PRIu64 " s", us / 1000000,
		    us % 1000000 / 10000);
	return out;
}

static int
write_generations(struct prong_request *request)
{
	struct prong_generation_stats g;
	uint64_t cursor = 0;

	while (prong_generation_stats(request, &cursor, &g) == 1) {
		if (prong_printf(request,
			"generations  %" PRIu64 " is %s, process %" PRIu64,
			g.number, g.state, g.pid) < 0 ||
		    (g.connections != UINT64_MAX &&
			prong_printf(request, ", %" PRIu64 " connections",
			    g.connections) < 0) ||
		    prong_print(request, "\n") < 0)
			return -1;
	}
	return 0;
}

int
text_write_reloads(struct prong_request *request)
{
	struct prong_reload_stats r;

	if (write_generations(request) < 0)
		return -1;
	if (prong_reload_stats(request, &r) < 0 || r.time == 0)
		return 0;
	if (prong_printf(request,
		"reloads      %" PRIu64 " done, %" PRIu64
		" failed; the last, a "
		"%s, has %s: ",
		r.succeeded_total, r.failed_total, r.kind,
		r.has_failed ? "failed" : "succeeded") < 0 ||
	    escape_plain(request, r.message) < 0)
		return -1;
	return prong_print(request, "\n");
}

static int
write_handler(struct prong_request *request,
    const struct prong_handler_stats *h)
{
	struct latency latency = { .sum_us = 0 };
	char p50[32], p99[32], max[32];

	latency_add(&latency, h);
	if (escape_column(request, h->name, 12) < 0)
		return -1;
	return prong_printf(request,
	    "%10" PRIu64 "  %9s  %9s  %9s  %8" PRIu64 "  %8" PRIu64
	    "  %7" PRIu64 "  %6" PRIu64 "  %7" PRIu64 "\n",
	    latency_count(&latency),
	    format_us(p50, sizeof(p50), latency_quantile_us(&latency, 500)),
	    format_us(p99, sizeof(p99), latency_quantile_us(&latency, 990)),
	    format_us(max, sizeof(max), latency.max_us), h->responses[4],
	    h->responses[5], h->crashes_total, h->limits, h->refusals);
}

int
text_write_handlers(struct prong_request *request)
{
	struct prong_handler_stats h;
	uint64_t cursor = 0;

	if (prong_print(request,
		"\n"
		"handler       requests     median   99 of 100    longest  "
		"     4xx       5xx  crashes  limits  sandbox\n") < 0)
		return -1;
	while (prong_handler_stats(request, &cursor, &h) == 1)
		if (h.route[0] == '\0' && write_handler(request, &h) < 0)
			return -1;
	return 0;
}
