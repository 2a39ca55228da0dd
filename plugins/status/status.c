/*
 * status - the counts of the server and its connections: as text for people, as JSON
 * for programs, as metrics for Prometheus.
 *
 * SPDX-License-Identifier: ISC
 */
#include <stdbool.h>

#include "status/counts.h"
#include "status/form.h"
#include "status/json.h"
#include "status/metrics.h"
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
	    "format is one of text, json, metrics, prometheus, openmetrics\n");
	return PRONG_DONE;
}

static int
write_form(struct prong_request *request, const struct counts *counts,
    enum form form)
{
	switch (form) {
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
	struct counts counts = { 0 };
	const enum form form = form_of(request);

	(void)config;
	prong_field(request, "Cache-Control", "no-store");
	if (form == FORM_UNKNOWN)
		return refuse_form(request);
	counts.is_counted = prong_server_stats(request, &counts.server) == 0;
	if (prong_query(request, "ready"))
		return respond_ready(request, &counts);
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
    .methods = PRONG_GET | PRONG_OPTIONS, .handle = handle,
    .promises = PRONG_SHARES_PROCESS | PRONG_REUSES_PROCESS);
