/* SPDX-License-Identifier: ISC */
#include "status/json_server.h"

#include <inttypes.h>

#include <prong/handler.h>

#include "status/json_text.h"

static int
write_generation(struct prong_request *request,
    const struct prong_generation_stats *g)
{
	if (prong_printf(request,
		"{\"number\":%" PRIu64 ",\"pid\":%" PRIu64
		",\"started\":%" PRId64 ",\"uptime\":%" PRId64,
		g->number, g->pid, g->started, g->uptime) < 0 ||
	    (g->connections != UINT64_MAX &&
		prong_printf(request, ",\"connections\":%" PRIu64,
		    g->connections) < 0) ||
	    json_text(request, "state", g->state) < 0)
		return -1;
	return prong_print(request, "}");
}

static int
write_generations(struct prong_request *request)
{
	struct prong_generation_stats g;
	const char *separator = "";
	uint64_t cursor = 0;

	if (prong_print(request, "\"generations\":[") < 0)
		return -1;
	while (prong_generation_stats(request, &cursor, &g) == 1) {
		if (prong_print(request, separator) < 0 ||
		    write_generation(request, &g) < 0)
			return -1;
		separator = ",\n";
	}
	return prong_print(request, "],\n");
}

static int
write_reloads(struct prong_request *request)
{
	struct prong_reload_stats r;

	if (prong_reload_stats(request, &r) < 0)
		return 0;
	if (prong_printf(request,
		"\"reloads\":{\"ok\":%" PRIu64 ",\"failed\":%" PRIu64 "},\n",
		r.succeeded_total, r.failed_total) < 0)
		return -1;
	if (r.time == 0)
		return 0;
	if (prong_printf(request,
		"\"last_reload\":{\"time\":%" PRId64 ",\"took\":%" PRIu64
		".%03" PRIu64 ",\"result\":\"%s\"",
		r.time, r.took_ms / 1000, r.took_ms % 1000,
		r.has_failed ? "failed" : "ok") < 0 ||
	    json_text(request, "kind", r.kind) < 0 ||
	    json_text(request, "message", r.message) < 0)
		return -1;
	return prong_print(request, "},\n");
}

static int
write_process(struct prong_request *request,
    const struct prong_process_stats *p)
{
	if (prong_printf(request,
		"{\"pid\":%" PRIu64 ",\"age\":%" PRId64
		",\"connections\":%" PRIu64 ",\"requests\":%" PRIu64,
		p->pid, p->age, p->connections, p->requests) < 0 ||
	    (p->cpu_ms >= 0 &&
		prong_printf(request, ",\"cpu\":%" PRId64 ".%03" PRId64,
		    p->cpu_ms / 1000, p->cpu_ms % 1000) < 0) ||
	    json_text(request, "kind", p->kind) < 0 ||
	    (p->route[0] != '\0' &&
		json_text(request, "route", p->route) < 0) ||
	    json_text(request, "state", p->state) < 0)
		return -1;
	return prong_print(request, "}");
}

static int
write_processes(struct prong_request *request)
{
	struct prong_process_stats p;
	const char *separator = "";
	uint64_t cursor = 0;

	if (prong_print(request, "\"processes\":[") < 0)
		return -1;
	while (prong_process_stats(request, &cursor, &p) == 1) {
		if (prong_print(request, separator) < 0 ||
		    write_process(request, &p) < 0)
			return -1;
		separator = ",\n";
	}
	return prong_print(request, "],\n");
}

static int
write_sample(struct prong_request *request, const struct prong_sample *s)
{
	return prong_printf(request,
	    "{\"time\":%" PRId64 ".%03" PRId64 ",\"interval\":%" PRId64
	    ".%03" PRId64 ",\"requests\":%" PRIu64 ",\"4xx\":%" PRIu64
	    ",\"5xx\":%" PRIu64 ",\"refused\":%" PRIu64
	    ",\"connections\":%" PRIu64 ",\"received\":%" PRIu64
	    ",\"sent\":%" PRIu64 ",\"p50\":%" PRIu64 ".%06" PRIu64
	    ",\"p99\":%" PRIu64 ".%06" PRIu64 "}",
	    s->time_ms / 1000, s->time_ms % 1000, s->interval_ms / 1000,
	    s->interval_ms % 1000, s->requests, s->responses_4xx,
	    s->responses_5xx, s->refused, s->connections, s->bytes_received,
	    s->bytes_sent, s->p50_us / 1000000, s->p50_us % 1000000,
	    s->p99_us / 1000000, s->p99_us % 1000000);
}

static int
write_history(struct prong_request *request)
{
	const char *separator = "\n";
	struct prong_sample sample;
	uint64_t cursor = 0;

	if (prong_print(request, "\"history\":{\"interval\":5,\"samples\":[") <
	    0)
		return -1;
	while (prong_history(request, &cursor, &sample) == 1) {
		if (prong_print(request, separator) < 0 ||
		    write_sample(request, &sample) < 0)
			return -1;
		separator = ",\n";
	}
	return prong_print(request, "]},\n");
}

int
json_server_write(struct prong_request *request)
{
	if (write_generations(request) < 0 || write_reloads(request) < 0 ||
	    write_processes(request) < 0)
		return -1;
	return write_history(request);
}
