/*
 * status - the counts of the server and its connections, as text for people and
 * JSON for programs.
 *
 * SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <string.h>

#include "shared/negotiate.h"
#include "status/access.h"
#include "status/counts.h"
#include "status/json.h"
#include "status/text.h"

/* 1 for JSON, 0 for text, -1 for an unknown form. */
static int
wants_json(struct prong_request *request)
{
	const char *format = prong_query(request, "format");

	if (!format)
		return negotiate_json(prong_request_field(request, "Accept"),
		    "text/plain");
	if (strcmp(format, "json") == 0)
		return 1;
	return strcmp(format, "text") == 0 ? 0 : -1;
}

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
handle(struct prong_request *request, const void *config)
{
	struct counts counts = { 0 };
	int json = wants_json(request);

	(void)config;
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
	if (json < 0) {
		prong_status(request, 400);
		prong_field(request, "Content-Type", "text/plain");
		prong_print(request, "format is \"text\" or \"json\"\n");
		return PRONG_DONE;
	}
	counts.is_counted = prong_server_stats(request, &counts.server) == 0;
	prong_field(request, "Vary", "Accept");
	prong_field(request, "X-Content-Type-Options", "nosniff");
	prong_field(request, "Content-Type",
	    json ? "application/json" : "text/plain; charset=utf-8");
	if (json)
		json_write(request, &counts);
	else
		text_write(request, &counts);
	return PRONG_DONE;
}

/* OPTIONS is answered as GET is, because HAProxy asks by it whether the server
 * is ready. */
PRONG_HANDLER(.name = "status",
    .summary = "shows the present state of the server",
    .methods = PRONG_GET | PRONG_OPTIONS, .handle = handle,
    .promises = PRONG_SHARES_PROCESS | PRONG_REUSES_PROCESS);
