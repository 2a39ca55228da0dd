/* SPDX-License-Identifier: ISC */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "status/order.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <prong/handler.h>

#include "status/view.h"

static const char *const names[] = {
	[ORDER_STATE] = "state",
	[ORDER_AGE] = "age",
	[ORDER_CLIENT] = "client",
	[ORDER_REQUEST] = "request",
	[ORDER_HANDLER] = "handler",
	[ORDER_ROUTE] = "route",
	[ORDER_TIME] = "time",
	[ORDER_REQUESTS] = "requests",
	[ORDER_SENT] = "sent",
	[ORDER_RECEIVED] = "received",
	[ORDER_CPU] = "cpu",
	[ORDER_PID] = "pid",
};

const char *
order_name(enum order_column column)
{
	return names[column];
}

bool
order_begins_high(enum order_column column)
{
	switch (column) {
	case ORDER_AGE:
	case ORDER_TIME:
	case ORDER_REQUESTS:
	case ORDER_SENT:
	case ORDER_RECEIVED:
	case ORDER_CPU:
		return true;
	default:
		return false;
	}
}

static enum order_column
column_of(const char *name)
{
	int column;

	for (column = 0; name && column < ORDER_COLUMNS; column++)
		if (strcmp(name, names[column]) == 0)
			return (enum order_column)column;
	return ORDER_AGE;
}

static size_t
rows_of(const char *text)
{
	unsigned long rows = text ? strtoul(text, NULL, 10) : 0;

	if (rows == 0)
		return ORDER_ROWS;
	return rows < ORDER_ROWS_MAX ? (size_t)rows : ORDER_ROWS_MAX;
}

struct order
order_of(struct prong_request *request)
{
	const char *order = prong_query(request, "order");
	const char *filter = prong_query(request, "filter");
	struct order o = { .column = column_of(prong_query(request, "sort")),
		.rows = rows_of(prong_query(request, "rows")),
		.filter = filter && strlen(filter) <= ORDER_FILTER_MAX ?
		    filter :
		    "" };

	o.descends = order ? strcmp(order, "down") == 0 :
			     order_begins_high(o.column);
	return o;
}

bool
order_matches(const struct order *order, const struct view_row *row)
{
	const char *filter = order->filter;

	return filter[0] == '\0' || strcasestr(row->client, filter) ||
	    strcasestr(row->request, filter) ||
	    strcasestr(row->handler, filter) ||
	    strcasestr(row->route, filter) || strcasestr(row->state, filter);
}

static int
compare_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
compare_column(enum order_column column, const struct view_row *a,
    const struct view_row *b)
{
	switch (column) {
	case ORDER_STATE:
		return strcmp(a->state, b->state);
	case ORDER_CLIENT:
		return strverscmp(a->client, b->client);
	case ORDER_REQUEST:
		return strcmp(a->request, b->request);
	case ORDER_HANDLER:
		return strcmp(a->handler, b->handler);
	case ORDER_ROUTE:
		return strcmp(a->route, b->route);
	case ORDER_TIME:
		return compare_numbers(a->request_age, b->request_age);
	case ORDER_REQUESTS:
		return compare_numbers((int64_t)a->requests,
		    (int64_t)b->requests);
	case ORDER_SENT:
		return compare_numbers((int64_t)a->sent, (int64_t)b->sent);
	case ORDER_RECEIVED:
		return compare_numbers(a->received, b->received);
	case ORDER_CPU:
		return compare_numbers(a->cpu_ms, b->cpu_ms);
	case ORDER_PID:
		return compare_numbers((int64_t)a->pid, (int64_t)b->pid);
	case ORDER_AGE:
	case ORDER_COLUMNS:
	default:
		return compare_numbers(a->age, b->age);
	}
}

int
order_compare(const struct order *order, const struct view_row *a,
    const struct view_row *b)
{
	int result = compare_column(order->column, a, b);

	if (result == 0)
		return strverscmp(a->client, b->client);
	return order->descends ? -result : result;
}
