/* SPDX-License-Identifier: ISC */
#include "status/form.h"

#include <stdbool.h>
#include <string.h>

#include <prong/handler.h>

#include "shared/negotiate.h"

#define OPENMETRICS_TYPE "application/openmetrics-text"

/* Whether Accept names OpenMetrics, and prefers nothing else to it. Prometheus
 * names both of its forms. */
static bool
wants_openmetrics(const char *accept)
{
	bool is_named, is_text_named;
	const int weight = negotiate_media(accept, OPENMETRICS_TYPE, &is_named);

	return is_named && weight > 0 &&
	    weight >= negotiate_media(accept, "text/plain", &is_text_named);
}

static enum form
metrics_form(struct prong_request *request)
{
	return wants_openmetrics(prong_request_field(request, "Accept")) ?
	    FORM_OPENMETRICS :
	    FORM_PROMETHEUS;
}

static enum form
by_name(struct prong_request *request, const char *name)
{
	static const struct {
		const char *name;
		enum form form;
	} forms[] = {
		{ "json", FORM_JSON },
		{ "text", FORM_TEXT },
		{ "prometheus", FORM_PROMETHEUS },
		{ "openmetrics", FORM_OPENMETRICS },
	};
	size_t i;

	if (strcmp(name, "metrics") == 0)
		return metrics_form(request);
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strcmp(name, forms[i].name) == 0)
			return forms[i].form;
	return FORM_UNKNOWN;
}

static enum form
by_accept(struct prong_request *request)
{
	const char *accept = prong_request_field(request, "Accept");

	if (wants_openmetrics(accept))
		return FORM_OPENMETRICS;
	return negotiate_json(accept, "text/plain") ? FORM_JSON : FORM_TEXT;
}

enum form
form_of(struct prong_request *request)
{
	const char *format = prong_query(request, "format");
	const char *rest = prong_path_info(request);

	if (format)
		return by_name(request, format);
	if (rest[0] == '/' && by_name(request, rest + 1) != FORM_UNKNOWN)
		return by_name(request, rest + 1);
	return by_accept(request);
}

const char *
form_type(enum form form)
{
	switch (form) {
	case FORM_JSON:
		return "application/json";
	case FORM_PROMETHEUS:
		return "text/plain; version=0.0.4; charset=utf-8";
	case FORM_OPENMETRICS:
		return OPENMETRICS_TYPE "; version=1.0.0; charset=utf-8";
	case FORM_TEXT:
	case FORM_UNKNOWN:
	default:
		return "text/plain; charset=utf-8";
	}
}
