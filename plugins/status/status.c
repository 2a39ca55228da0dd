/*
 * status - the counts of the server and its connections: as a page and as text for
 * people, as JSON for programs, as metrics for Prometheus.
 *
 * SPDX-License-Identifier: ISC
 */
#include <stdbool.h>

#include "shared/negotiate.h"
#include "status/access.h"
#include "status/counts.h"
#include "status/events.h"
#include "status/form.h"
#include "status/json.h"
#include "status/metrics.h"
#include "status/options.h"
#include "status/page.h"
#include "status/text.h"

/* For load balancers, which read only the status code. */
static int
respond_ready(struct prong_request *request, const struct counts *counts)
{
	bool is_ready = !counts->is_counted || !counts->server.is_leaving;

	prong_status(request, is_ready ? 200 : 503);
	prong_field(request, "Content-Type", "text/plain; charset=utf-8");
	prong_print(request, is_ready ? "ready\n" : "leaving\n");
	return PRONG_DONE;
}

static int
refuse_form(struct prong_request *request)
{
	prong_status(request, 400);
	prong_field(request, "Content-Type", "text/plain; charset=utf-8");
	prong_print(request,
	    "format is one of html, text, json, metrics, prometheus, "
	    "openmetrics\n");
	return PRONG_DONE;
}

/* Its links, forms and requests lead to itself alone, in no frame of others. */
static int
write_page(struct prong_request *request, const struct counts *counts)
{
	struct page page;

	prong_field(request, "Content-Security-Policy", page_policy);
	prong_field(request, "Referrer-Policy", "no-referrer");
	if (page_init(&page, request) < 0)
		return -1;
	return page_write(&page, request, counts);
}

static int
write_form(struct prong_request *request, const struct counts *counts,
    enum form form)
{
	switch (form) {
	case FORM_HTML:
		return write_page(request, counts);
	case FORM_JSON:
		return json_write(request, counts);
	case FORM_PROMETHEUS:
	case FORM_OPENMETRICS:
		return metrics_write(request, counts, form == FORM_OPENMETRICS);
	case FORM_TEXT:
	case FORM_UNKNOWN:
	default:
		return text_write(request, counts);
	}
}

static int
handle(struct prong_request *request, const void *config)
{
	struct counts counts = { .options = config };
	const enum form form = form_of(request);

	prong_field(request, "Cache-Control", "no-store");
	/* One bit, which whoever can connect may know. */
	if (prong_query(request, "ready")) {
		counts.is_counted = prong_server_stats(request,
					&counts.server) == 0;
		return respond_ready(request, &counts);
	}
	if (!access_check(request))
		return PRONG_DONE;
	prong_field(request, "Cross-Origin-Resource-Policy", "same-origin");
	if (form == FORM_UNKNOWN)
		return refuse_form(request);
	if (form == FORM_EVENTS || page_is_part(request))
		prong_uncount(request);
	counts.is_counted = prong_server_stats(request, &counts.server) == 0;
	if (form == FORM_EVENTS) {
		events_send(request, &counts);
		return PRONG_DONE;
	}
	prong_field(request, "Vary", "Accept");
	prong_field(request, "X-Content-Type-Options", "nosniff");
	prong_field(request, "Content-Type", form_type(form));
	write_form(request, &counts, form);
	return PRONG_DONE;
}

/* OPTIONS is answered as GET is, because HAProxy asks by it whether the server
 * is ready. */
PRONG_HANDLER(.name = "status",
    .summary = "shows the present state of the server",
    .options = options_table, .config_size = sizeof(struct options),
    .methods = PRONG_GET | PRONG_OPTIONS, .handle = handle,
    .promises = PRONG_SHARES_PROCESS | PRONG_REUSES_PROCESS);
