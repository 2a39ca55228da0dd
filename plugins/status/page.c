/* SPDX-License-Identifier: ISC */
#include "status/page.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include <prong/handler.h>

#include "shared/escape.h"
#include "status/amount.h"
#include "status/counts.h"
#include "status/order.h"
#include "status/page_parts.h"
#include "status/view.h"

/* Made of page.css and page.js: a string for each line. */
static const char *const style[] = {
#include "status/page_css.inc"
};
static const char *const script[] = {
#include "status/page_js.inc"
};

/* The hashes are those of the two files (CSP 2.4.2); a test computes them. */
const char page_policy[] =
    "default-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; connect-src 'self'; "
    "style-src 'sha256-844hehBI3NQzYelS7AkXo5qi1WaASrWBs9YLhHdPZtY='; "
    "script-src 'sha256-rupG1B3dLDt9ioA/OrFn3l/TEgDbbOspC7LwSP/rd3k='";

static int
write_lines(struct prong_request *request, const char *const *lines,
    size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (prong_print(request, lines[i]) < 0)
			return -1;
	return 0;
}

static int
write_head(struct prong_request *request)
{
	if (prong_print(request,
		"<!doctype html>\n<html lang=\"en\">\n"
		"<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
		"content=\"width=device-width,initial-scale=1\">\n"
		"<title>Status of prong</title>\n"
		"<noscript><meta http-equiv=\"refresh\" content=\"5\">"
		"</noscript>\n<style>") < 0 ||
	    write_lines(request, style, sizeof(style) / sizeof(style[0])) < 0)
		return -1;
	return prong_print(request, "</style>\n<header>\n<h1>prong ");
}

static int
write_state(struct prong_request *request, const struct view *v)
{
	const struct prong_server_stats *s = v->server;
	char uptime[AMOUNT_BYTES], age[AMOUNT_BYTES], sent[AMOUNT_BYTES];
	char received[AMOUNT_BYTES], dropped[AMOUNT_BYTES];

	return prong_printf(request,
	    "<div id=\"state\"><span class=\"%s\">%s</span>"
	    "<span><small>up</small> %s</span>"
	    "<span><small>generation</small> %" PRIu64 "</span>"
	    "<span><small>for</small> %s</span>"
	    "<span><small>master</small> %" PRIu64 "</span>"
	    "<span><small>sent</small> %s</span>"
	    "<span><small>received</small> %s</span>"
	    "<span><small>log lines dropped</small> %s</span></div>",
	    s->is_leaving ? "leaving" : "ready",
	    s->is_leaving ? "leaving: it stops soon" : "ready",
	    amount_age(uptime, s->uptime), s->generation,
	    amount_age(age, s->generation_uptime), s->master_pid,
	    amount_octets(sent, (int64_t)s->bytes_sent),
	    amount_octets(received, (int64_t)s->bytes_received),
	    amount_count(dropped, (int64_t)s->log_lines_dropped));
}

static int
write_form(struct prong_request *request, const struct order *order)
{
	if (prong_printf(request,
		"<section id=\"table\">\n<form id=\"find\" role=\"search\" "
		"method=\"get\"><h2 id=\"of-connections\">Connections</h2>"
		"<input type=\"hidden\" name=\"format\" value=\"html\">"
		"<input type=\"hidden\" name=\"sort\" value=\"%s\">"
		"<input type=\"hidden\" name=\"order\" value=\"%s\">"
		"<input type=\"hidden\" name=\"rows\" value=\"%zu\">"
		"<label>Filter <input type=\"search\" name=\"filter\" "
		"maxlength=\"%d\" autocomplete=\"off\" value=\"",
		order_name(order->column), order->descends ? "down" : "up",
		order->rows, ORDER_FILTER_MAX) < 0 ||
	    escape_html(request, order->filter) < 0)
		return -1;
	return prong_print(request,
	    "\"></label> <button id=\"apply\">Apply</button></form>\n");
}

static int
write_whole(struct prong_request *request, const struct view *v,
    const struct order *order)
{
	const char *version = v->server->version;

	if (write_head(request) < 0 || prong_print(request, "<small>") < 0 ||
	    escape_html(request, version ? version : "") < 0 ||
	    prong_print(request,
		"</small></h1>\n<div id=\"live\" hidden><span id=\"feed\" "
		"role=\"status\"></span><button id=\"pause\" type=\"button\">"
		"Pause</button></div>\n") < 0 ||
	    write_state(request, v) < 0 ||
	    prong_print(request, "\n</header>\n<main>\n") < 0 ||
	    page_write_plots(request, v) < 0 ||
	    page_write_panels(request, v) < 0 ||
	    write_form(request, order) < 0 ||
	    page_write_table(request, v, order) < 0 ||
	    prong_print(request, "\n</section>\n</main>\n<script>") < 0 ||
	    write_lines(request, script, sizeof(script) / sizeof(script[0])) <
		0)
		return -1;
	return prong_print(request, "</script>\n");
}

/* prongd --once counts nothing. */
static int
write_nothing(struct prong_request *request)
{
	if (write_head(request) < 0)
		return -1;
	return prong_print(request,
	    "</h1>\n</header>\n<main>\n<p>Nothing is counted: this process "
	    "serves a connection alone.</p>\n</main>\n");
}

int
page_init(struct page *page, struct prong_request *request)
{
	page->order = order_of(request);
	page->view = view_new(request, &page->order);
	return page->view ? 0 : -1;
}

int
page_write_live(struct page *page, struct prong_request *request,
    const struct counts *counts)
{
	const struct view *v = page->view;

	if (view_fill(page->view, request, counts, &page->order) < 0 ||
	    write_state(request, v) < 0 || page_write_plots(request, v) < 0 ||
	    page_write_panels(request, v) < 0)
		return -1;
	return page_write_table(request, v, &page->order);
}

bool
page_is_part(struct prong_request *request)
{
	const char *part = prong_query(request, "part");

	return part && strcmp(part, "live") == 0;
}

int
page_write(struct page *page, struct prong_request *request,
    const struct counts *counts)
{
	if (!counts->is_counted)
		return write_nothing(request);
	if (page_is_part(request))
		return page_write_live(page, request, counts);
	if (view_fill(page->view, request, counts, &page->order) < 0)
		return -1;
	return write_whole(request, page->view, &page->order);
}
