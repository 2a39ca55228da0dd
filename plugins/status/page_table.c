/*
 * The table of connections. A row has a place of its own, whatever is in it, so that
 * nothing moves when connections come and go.
 *
 * SPDX-License-Identifier: ISC
 */
#include "status/page_parts.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <prong/handler.h>

#include "shared/escape.h"
#include "status/amount.h"
#include "status/order.h"
#include "status/view.h"

/* Shorter texts fit into their columns. */
#define TITLE_BYTES 30

static const char *const titles[] = {
	[ORDER_STATE] = "State",
	[ORDER_AGE] = "Age",
	[ORDER_CLIENT] = "Client",
	[ORDER_REQUEST] = "Request",
	[ORDER_HANDLER] = "Handler",
	[ORDER_ROUTE] = "Route",
	[ORDER_TIME] = "Time",
	[ORDER_REQUESTS] = "Requests",
	[ORDER_SENT] = "Sent",
	[ORDER_RECEIVED] = "Received",
	[ORDER_CPU] = "CPU",
	[ORDER_PID] = "PID",
};

static int
write_filter(struct prong_request *request, const struct order *order)
{
	char octet[4] = "";
	const char *at;

	for (at = order->filter; *at != '\0'; at++) {
		octet[0] = *at;
		if (strchr("!$'()*,-./:;@_~", *at) ||
		    (*at >= '0' && *at <= '9') || (*at >= 'A' && *at <= 'Z') ||
		    (*at >= 'a' && *at <= 'z')) {
			if (escape_html(request, octet) < 0)
				return -1;
		} else if (prong_printf(request, "%%%02X", (unsigned char)*at) <
		    0) {
			return -1;
		}
	}
	return 0;
}

/* A link to the page with another order. */
static int
write_link(struct prong_request *request, const struct order *order,
    enum order_column column, bool descends, size_t rows)
{
	if (prong_printf(request,
		"<a href=\"?format=html&amp;sort=%s&amp;order=%s&amp;rows=%zu"
		"&amp;filter=",
		order_name(column), descends ? "down" : "up", rows) < 0 ||
	    write_filter(request, order) < 0)
		return -1;
	return prong_print(request, "\">");
}

static int
write_column(struct prong_request *request, const struct order *order,
    enum order_column column)
{
	const bool is_current = order->column == column;
	const bool descends = is_current ? !order->descends :
					   order_begins_high(column);

	if (prong_printf(request, "<th scope=\"col\" class=\"%s\"%s>",
		order_name(column),
		!is_current	    ? "" :
		    order->descends ? " aria-sort=\"descending\"" :
				      " aria-sort=\"ascending\"") < 0 ||
	    write_link(request, order, column, descends, order->rows) < 0)
		return -1;
	return prong_printf(request, "%s</a></th>", titles[column]);
}

/* A text that may not fit into its cell is seen as a whole when it is pointed at. */
static int
begin_cell(struct prong_request *request, const char *text)
{
	if (strlen(text) <= TITLE_BYTES)
		return prong_print(request, "<td>");
	if (prong_print(request, "<td title=\"") < 0 ||
	    escape_html(request, text) < 0)
		return -1;
	return prong_print(request, "\">");
}

/* A cell with a text of a client or of a process. */
static int
write_text(struct prong_request *request, const char *text)
{
	if (begin_cell(request, text) < 0 || escape_html(request, text) < 0)
		return -1;
	return prong_print(request, "</td>");
}

/* The line of a request, without the usual version. */
static int
write_line(struct prong_request *request, const char *line)
{
	static const char usual[] = " HTTP/1.1";
	char text[sizeof(((struct view_row *)NULL)->request)];
	size_t length = strlen(line);

	if (begin_cell(request, line) < 0)
		return -1;
	if (length >= sizeof(usual) &&
	    strcmp(line + length - (sizeof(usual) - 1), usual) == 0)
		length -= sizeof(usual) - 1;
	memcpy(text, line, length);
	text[length] = '\0';
	if (escape_html(request, text) < 0)
		return -1;
	return prong_print(request, "</td>");
}

static int
write_cpu(struct prong_request *request, int64_t ms)
{
	char text[AMOUNT_BYTES];

	return prong_printf(request, "<td>%s</td>",
	    amount_latency(text, ms < 0 ? -1 : (double)ms / 1000));
}

static int
write_octets(struct prong_request *request, int64_t octets)
{
	char text[AMOUNT_BYTES];

	return prong_printf(request, "<td>%s</td>",
	    amount_octets(text, octets));
}

static int
write_age(struct prong_request *request, int64_t age)
{
	char text[AMOUNT_BYTES];

	return prong_printf(request, "<td>%s</td>", amount_age(text, age));
}

static int
write_row(struct prong_request *request, const struct view_row *row)
{
	char requests[AMOUNT_BYTES];

	if (prong_print(request, "<tr>") < 0 ||
	    write_text(request, row->state) < 0 ||
	    write_age(request, row->age) < 0 ||
	    write_text(request, row->client) < 0 ||
	    write_line(request, row->request) < 0 ||
	    write_text(request, row->handler) < 0 ||
	    write_text(request, row->route) < 0 ||
	    write_age(request, row->request_age) < 0)
		return -1;
	if (prong_printf(request, "<td>%s</td>",
		amount_count(requests, (int64_t)row->requests)) < 0 ||
	    write_octets(request, (int64_t)row->sent) < 0 ||
	    write_octets(request, row->received) < 0 ||
	    write_cpu(request, row->cpu_ms) < 0)
		return -1;
	if (prong_printf(request, "<td>%" PRIu64 " ", row->pid) < 0 ||
	    escape_html(request, row->kind) < 0)
		return -1;
	return prong_print(request, "</td></tr>");
}

static int
write_number_shown(struct prong_request *request, const struct view *v,
    const struct order *order)
{
	if (prong_printf(request, "<p class=\"shown\">%zu of %zu shown",
		v->row_count, v->total) < 0)
		return -1;
	if (v->row_count < v->matching &&
	    (prong_print(request, " ") < 0 ||
		write_link(request, order, order->column, order->descends,
		    v->matching) < 0 ||
		prong_printf(request, "show %zu</a>", v->matching) < 0))
		return -1;
	return prong_print(request, "</p>");
}

int
page_write_table(struct prong_request *request, const struct view *v,
    const struct order *order)
{
	int column;
	size_t i;

	if (prong_print(request, "<div id=\"connections\">") < 0 ||
	    write_number_shown(request, v, order) < 0 ||
	    prong_print(request,
		"<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
		"aria-labelledby=\"of-connections\"><table><thead><tr>") < 0)
		return -1;
	for (column = 0; column < ORDER_COLUMNS; column++)
		if (write_column(request, order, (enum order_column)column) < 0)
			return -1;
	if (prong_print(request, "</tr></thead><tbody>") < 0)
		return -1;
	for (i = 0; i < v->row_count; i++)
		if (write_row(request, v->rows[i]) < 0)
			return -1;
	return prong_print(request, "</tbody></table></div></div>");
}
