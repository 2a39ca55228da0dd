/* SPDX-License-Identifier: ISC */
#include "status/view.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "status/counts.h"
#include "status/options.h"
#include "status/order.h"

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
		.received = VIEW_UNKNOWN,
		.cpu_ms = VIEW_UNKNOWN,
		.age = c->age,
		.request_age = c->request_since > 0 ? c->request_age :
						      VIEW_UNKNOWN };
	copy(row->state, sizeof(row->state), c->state);
	copy(row->client, sizeof(row->client), c->client);
	copy(row->handler, sizeof(row->handler), c->handler);
	copy(row->request, sizeof(row->request), c->request);
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

static void
gather_handlers(struct view *v, struct prong_request *request)
{
	struct prong_handler_stats stats;
	struct view_handler *handler;
	uint64_t cursor = 0;

	while (v->handler_count < VIEW_HANDLERS &&
	    prong_handler_stats(request, &cursor, &stats) == 1) {
		handler = &v->handlers[v->handler_count++];
		*handler = (struct view_handler){ .requests = VIEW_UNKNOWN,
			.crashes = (int64_t)stats.crashes,
			.limits = VIEW_UNKNOWN,
			.refusals = VIEW_UNKNOWN,
			.p99 = VIEW_UNKNOWN };
		copy(handler->name, sizeof(handler->name), stats.name);
	}
}

static void
gather_generation(struct view *v)
{
	const struct prong_server_stats *s = v->server;
	struct view_process *process = &v->processes[v->process_count++];

	*process = (struct view_process){ .pid = s->generation_pid,
		.age = s->generation_uptime,
		.connections = (int64_t)s->connections_now,
		.requests = VIEW_UNKNOWN };
	snprintf(process->name, sizeof(process->name), "generation %llu",
	    (unsigned long long)s->generation);
	copy(process->state, sizeof(process->state),
	    s->is_leaving ? "leaving" : "serving");
}

static void
gather_errors(struct view *v)
{
	static const char *const classes[] = { "4xx", "5xx" };
	size_t i;

	for (i = 0; i < 2; i++)
		v->errors[v->error_count++] = (struct view_count){ classes[i],
			v->server->responses[4 + i] };
	v->refusals[v->refusal_count++] = (struct view_count){ "in all",
		v->server->connections_refused };
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
	v->time = time(NULL);
	v->reload.took = VIEW_UNKNOWN;
	v->process_count = v->handler_count = 0;
	v->error_count = v->refusal_count = 0;
	gather_generation(v);
	gather_errors(v);
	gather_handlers(v, request);
	return gather_rows(v, request, counts->options, order);
}
