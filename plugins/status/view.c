/* SPDX-License-Identifier: ISC */
#include "status/view.h"

#include <stdio.h>
#include <string.h>

#include "status/counts.h"
#include "status/latency.h"
#include "status/options.h"
#include "status/order.h"
#include "status/signal_name.h"

static void
copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from);
}

static void
fill_row(struct view_row *row, const struct prong_connection_stats *c)
{
	*row = (struct view_row){ .pid = c->pid,
		.requests = c->requests,
		.sent = c->bytes_sent,
		.received = (int64_t)c->bytes_received,
		.cpu_ms = c->cpu_ms,
		.age = c->age,
		.request_age = c->request_since > 0 ? c->request_age :
						      VIEW_UNKNOWN };
	copy(row->state, sizeof(row->state), c->state);
	copy(row->client, sizeof(row->client), c->client);
	copy(row->handler, sizeof(row->handler), c->handler);
	copy(row->request, sizeof(row->request), c->request);
	copy(row->route, sizeof(row->route), c->route);
	copy(row->kind, sizeof(row->kind), c->kind);
}

/* Puts the row behind the last one at its place among them. */
static void
sort_in(struct view *v, const struct order *order)
{
	struct view_row *row = v->rows[v->row_count];
	size_t at = v->row_count;

	for (; at > 0 && order_compare(order, row, v->rows[at - 1]) < 0; at--)
		v->rows[at] = v->rows[at - 1];
	v->rows[at] = row;
	if (v->row_count < order->rows)
		v->row_count++;
}

static int
gather_rows(struct view *v, struct prong_request *request,
    const struct options *options, const struct order *order)
{
	struct prong_connection_stats stats;
	struct view_row *row;
	uint64_t cursor = 0;

	v->row_count = v->matching = v->total = 0;
	while (options_next_connection(options, request, &cursor, &stats) ==
	    1) {
		if (v->row_count == v->row_memory) {
			row = prong_alloc(request, sizeof(*row));
			if (!row)
				return -1;
			v->rows[v->row_memory++] = row;
		}
		v->total++;
		row = v->rows[v->row_count];
		fill_row(row, &stats);
		if (!order_matches(order, row))
			continue;
		v->matching++;
		sort_in(v, order);
	}
	return 0;
}

static double
seconds_of(uint64_t us)
{
	return (double)us / 1e6;
}

static void
fill_crash(struct view_handler *handler, const struct prong_handler_stats *s)
{
	handler->crash_time = s->crash_time;
	signal_name(s->crash_signal, handler->crash_what);
	copy(handler->crash_client, sizeof(handler->crash_client),
	    s->crash_client);
	copy(handler->crash_request, sizeof(handler->crash_request),
	    s->crash_request);
}

static void
fill_handler(struct view_handler *handler, const struct prong_handler_stats *s)
{
	struct latency latency = { .sum_us = 0 };
	size_t i;

	latency_add(&latency, s);
	*handler = (struct view_handler){ .crashes = (int64_t)s->crashes_total,
		.limits = (int64_t)s->limits,
		.refusals = (int64_t)s->refusals,
		.p99 = VIEW_UNKNOWN };
	for (i = 0; i < 6; i++)
		handler->requests += (int64_t)s->responses[i];
	if (handler->requests > 0)
		handler->p99 = seconds_of(latency_quantile_us(&latency, 990));
	copy(handler->name, sizeof(handler->name), s->name);
	if (s->crash_time != 0)
		fill_crash(handler, s);
}

static void
fill_latency(struct view_latency *to, const struct latency *from)
{
	to->count = latency_count(from);
	to->p50 = seconds_of(latency_quantile_us(from, 500));
	to->p90 = seconds_of(latency_quantile_us(from, 900));
	to->p99 = seconds_of(latency_quantile_us(from, 990));
	to->p999 = seconds_of(latency_quantile_us(from, 999));
	to->max = seconds_of(from->max_us);
}

/* Handlers that have had no request since the configuration named them are shown,
 * too. */
static void
gather_handlers(struct view *v, struct prong_request *request,
    const struct options *options)
{
	struct latency latency = { .sum_us = 0 };
	struct prong_handler_stats stats;
	uint64_t cursor = 0;

	while (options_next_handler(options, request, &cursor, &stats) == 1) {
		if (stats.route[0] != '\0')
			continue;
		latency_add(&latency, &stats);
		if (v->handler_count < VIEW_HANDLERS)
			fill_handler(&v->handlers[v->handler_count++], &stats);
	}
	fill_latency(&v->latency, &latency);
}

static void
gather_generations(struct view *v, struct prong_request *request)
{
	struct prong_generation_stats g;
	struct view_process *process;
	uint64_t cursor = 0;

	while (v->process_count < VIEW_PROCESSES &&
	    prong_generation_stats(request, &cursor, &g) == 1) {
		process = &v->processes[v->process_count++];
		*process = (struct view_process){ .pid = g.pid,
			.age = g.uptime,
			.connections = g.connections == UINT64_MAX ?
			    VIEW_UNKNOWN :
			    (int64_t)g.connections,
			.requests = VIEW_UNKNOWN };
		snprintf(process->name, sizeof(process->name),
		    "generation %llu", (unsigned long long)g.number);
		copy(process->state, sizeof(process->state), g.state);
	}
}

static void
gather_processes(struct view *v, struct prong_request *request)
{
	struct prong_process_stats p;
	struct view_process *process;
	uint64_t cursor = 0;

	while (v->process_count < VIEW_PROCESSES &&
	    prong_process_stats(request, &cursor, &p) == 1) {
		process = &v->processes[v->process_count++];
		*process = (struct view_process){ .pid = p.pid,
			.age = p.age,
			.connections = (int64_t)p.connections,
			.requests = (int64_t)p.requests };
		snprintf(process->name, sizeof(process->name), "%s%s%.38s",
		    p.kind, p.route[0] != '\0' ? " " : "", p.route);
		copy(process->state, sizeof(process->state), p.state);
	}
}

static void
gather_reload(struct view *v, struct prong_request *request)
{
	struct view_reload *to = &v->reload;
	struct prong_reload_stats r;

	*to = (struct view_reload){ .took = VIEW_UNKNOWN };
	if (prong_reload_stats(request, &r) < 0)
		return;
	to->time = r.time;
	to->took = (double)r.took_ms / 1000;
	to->ok = (int64_t)r.succeeded_total;
	to->failed = (int64_t)r.failed_total;
	copy(to->kind, sizeof(to->kind), r.kind);
	copy(to->result, sizeof(to->result), r.has_failed ? "failed" : "ok");
	copy(to->message, sizeof(to->message), r.message);
}

static size_t
gather_counts(struct view_count *to, const char *const *names,
    const uint64_t *counts, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		to[i] = (struct view_count){ names[i], counts[i] };
	return count;
}

static void
gather_causes(struct view *v)
{
	static const char *const errors[PRONG_STATS_ERRORS] = { "400", "404",
		"408", "413", "500", "503", "other 4xx", "other 5xx" };
	static const char *const refusals[PRONG_STATS_REFUSALS] = {
		"the server is full", "too many of a client",
		"too many of a network", "penalty after crashes",
		"a pool is busy"
	};

	_Static_assert(PRONG_STATS_ERRORS <= VIEW_COUNTS &&
		PRONG_STATS_REFUSALS <= VIEW_COUNTS,
	    "room for all");
	v->error_count = gather_counts(v->errors, errors, v->server->errors,
	    PRONG_STATS_ERRORS);
	v->refusal_count = gather_counts(v->refusals, refusals,
	    v->server->refusals, PRONG_STATS_REFUSALS);
}

static void
fill_sample(struct view_sample *sample, const struct prong_sample *s)
{
	const double seconds =
	    (double)(s->interval_ms > 0 ? s->interval_ms : 1) / 1000;

	*sample = (struct view_sample){ .requests = (double)s->requests /
		    seconds,
		.errors_4xx = (double)s->responses_4xx / seconds,
		.errors_5xx = (double)s->responses_5xx / seconds,
		.connections = (double)s->connections,
		.p50 = seconds_of(s->p50_us),
		.p99 = seconds_of(s->p99_us) };
}

static void
gather_samples(struct view *v, struct prong_request *request)
{
	struct prong_sample sample;
	uint64_t cursor = 0;

	while (v->sample_count < VIEW_SAMPLES &&
	    prong_history(request, &cursor, &sample) == 1)
		fill_sample(&v->samples[v->sample_count++], &sample);
}

struct view *
view_new(struct prong_request *request, const struct order *order)
{
	struct view *v = prong_alloc(request, sizeof(*v));

	/* One more, which is sorted in before the last one is left out. */
	if (v)
		v->rows = prong_alloc(request,
		    (order->rows + 1) * sizeof(struct view_row *));
	return v && v->rows ? v : NULL;
}

int
view_fill(struct view *v, struct prong_request *request,
    const struct counts *counts, const struct order *order)
{
	v->server = &counts->server;
	v->time = v->server->time_ms / 1000;
	v->process_count = v->handler_count = v->sample_count = 0;
	gather_generations(v, request);
	gather_processes(v, request);
	gather_reload(v, request);
	gather_causes(v);
	gather_samples(v, request);
	gather_handlers(v, request, counts->options);
	return gather_rows(v, request, counts->options, order);
}
