/*
 * The panels: processes, handlers, refusals, the last reload. Each has a fixed height,
 * so that nothing moves below it.
 *
 * SPDX-License-Identifier: ISC
 */
#include "status/page_parts.h"

#include <inttypes.h>
#include <stdint.h>

#include <prong/handler.h>

#include "shared/escape.h"
#include "status/amount.h"
#include "status/view.h"

/* The last generations and workers are shown first; the list is scrolled. */
static int
begin_panel(struct prong_request *request, const char *name, const char *title)
{
	return prong_printf(request,
	    "<section class=\"panel %s\"><h2 id=\"of-%s\">%s</h2><div "
	    "class=\"scroll\" role=\"region\" tabindex=\"0\" "
	    "aria-labelledby=\"of-%s\">",
	    name, name, title, name);
}

static int
end_panel(struct prong_request *request)
{
	return prong_print(request, "</div></section>");
}

static int
write_number(struct prong_request *request, int64_t number)
{
	char text[AMOUNT_BYTES];

	return prong_printf(request, "<td>%s</td>", amount_count(text, number));
}

static int
write_process(struct prong_request *request, const struct view_process *p)
{
	char age[AMOUNT_BYTES];

	if (prong_print(request, "<tr><th scope=\"row\">") < 0 ||
	    escape_html(request, p->name) < 0 ||
	    prong_print(request, "</th><td class=\"text ") < 0 ||
	    escape_html(request, p->state) < 0 ||
	    prong_print(request, "\">") < 0 ||
	    escape_html(request, p->state) < 0)
		return -1;
	if (prong_printf(request, "</td><td>%" PRIu64 "</td><td>%s</td>",
		p->pid, amount_age(age, p->age)) < 0 ||
	    write_number(request, p->connections) < 0 ||
	    write_number(request, p->requests) < 0)
		return -1;
	return prong_print(request, "</tr>");
}

static int
write_processes(struct prong_request *request, const struct view *v)
{
	size_t i;

	if (begin_panel(request, "processes", "Generations and workers") < 0 ||
	    prong_print(request,
		"<table><thead><tr><th scope=\"col\">Process</th><th "
		"scope=\"col\" class=\"text\">State</th><th scope=\"col\">PID"
		"</th><th scope=\"col\">Age</th><th scope=\"col\">"
		"<abbr title=\"Connections\">Conn.</abbr></th><th "
		"scope=\"col\">Requests</th></tr></thead><tbody>") < 0)
		return -1;
	for (i = 0; i < v->process_count; i++)
		if (write_process(request, &v->processes[i]) < 0)
			return -1;
	if (prong_print(request, "</tbody></table>") < 0)
		return -1;
	return end_panel(request);
}

static int
write_last_crash(struct prong_request *request, const struct view *v,
    const struct view_handler *h)
{
	char age[AMOUNT_BYTES];

	if (h->crash_time == 0)
		return 0;
	if (prong_print(request,
		"<tr class=\"more\"><td colspan=\"6\"><div>last crash: ") < 0 ||
	    escape_html(request, h->crash_what) < 0 ||
	    prong_printf(request, ", %s ago, ",
		amount_age(age, v->time - h->crash_time)) < 0 ||
	    escape_html(request, h->crash_client) < 0 ||
	    prong_print(request, "</div><div title=\"") < 0 ||
	    escape_html(request, h->crash_request) < 0 ||
	    prong_print(request, "\">") < 0 ||
	    escape_html(request, h->crash_request) < 0)
		return -1;
	return prong_print(request, "</div></td></tr>");
}

static int
write_faults(struct prong_request *request, int64_t count)
{
	char text[AMOUNT_BYTES];

	return prong_printf(request, "<td%s>%s</td>",
	    count > 0 ? " class=\"bad\"" : "", amount_count(text, count));
}

static int
write_handler(struct prong_request *request, const struct view *v,
    const struct view_handler *h)
{
	char p99[AMOUNT_BYTES];

	if (prong_print(request, "<tr><th scope=\"row\">") < 0 ||
	    escape_html(request, h->name) < 0 ||
	    prong_print(request, "</th>") < 0 ||
	    write_number(request, h->requests) < 0 ||
	    prong_printf(request, "<td>%s</td>", amount_latency(p99, h->p99)) <
		0)
		return -1;
	if (write_faults(request, h->crashes) < 0 ||
	    write_faults(request, h->limits) < 0 ||
	    write_faults(request, h->refusals) < 0 ||
	    prong_print(request, "</tr>") < 0)
		return -1;
	return write_last_crash(request, v, h);
}

static int
write_handlers(struct prong_request *request, const struct view *v)
{
	size_t i;

	if (begin_panel(request, "handlers", "Handlers") < 0 ||
	    prong_print(request,
		"<table><thead><tr><th scope=\"col\">Handler</th><th "
		"scope=\"col\">Requests</th><th scope=\"col\">99 %</th><th "
		"scope=\"col\">Crashes</th><th scope=\"col\">Limits</th><th "
		"scope=\"col\">Sandbox</th></tr></thead><tbody>") < 0)
		return -1;
	for (i = 0; i < v->handler_count; i++)
		if (write_handler(request, v, &v->handlers[i]) < 0)
			return -1;
	if (prong_print(request, "</tbody></table>") < 0)
		return -1;
	return end_panel(request);
}

static int
write_refusals(struct prong_request *request, const struct view *v)
{
	char text[AMOUNT_BYTES];
	size_t i;

	if (begin_panel(request, "refusals", "Refused clients") < 0 ||
	    prong_print(request, "<table><tbody>") < 0)
		return -1;
	for (i = 0; i < v->refusal_count; i++)
		if (prong_print(request, "<tr><th scope=\"row\">") < 0 ||
		    escape_html(request, v->refusals[i].name) < 0 ||
		    prong_printf(request, "</th><td>%s</td></tr>",
			amount_count(text, (int64_t)v->refusals[i].count)) < 0)
			return -1;
	if (prong_print(request, "</tbody></table>") < 0)
		return -1;
	return end_panel(request);
}

static int
write_last_reload(struct prong_request *request, const struct view *v)
{
	const struct view_reload *r = &v->reload;
	char age[AMOUNT_BYTES], when[AMOUNT_BYTES], took[AMOUNT_BYTES];
	char ok[AMOUNT_BYTES], failed[AMOUNT_BYTES];

	if (prong_print(request, "<p><b class=\"") < 0 ||
	    escape_html(request, r->result) < 0 ||
	    prong_print(request, "\">") < 0 ||
	    escape_html(request, r->result) < 0 ||
	    prong_print(request, "</b>, ") < 0 ||
	    escape_html(request, r->kind) < 0 ||
	    prong_printf(request,
		", %s ago</p><p>%s, took %s</p><p>%s succeeded, %s "
		"failed</p><p>",
		amount_age(age, v->time - r->time), amount_time(when, r->time),
		amount_latency(took, r->took), amount_count(ok, r->ok),
		amount_count(failed, r->failed)) < 0 ||
	    escape_html(request, r->message) < 0)
		return -1;
	return prong_print(request, "</p>");
}

static int
write_reload(struct prong_request *request, const struct view *v)
{
	if (begin_panel(request, "reload", "Last reload") < 0)
		return -1;
	if (v->reload.time == 0) {
		if (prong_print(request, "<p>none has ended yet</p>") < 0)
			return -1;
	} else if (write_last_reload(request, v) < 0) {
		return -1;
	}
	return end_panel(request);
}

int
page_write_panels(struct prong_request *request, const struct view *v)
{
	if (prong_print(request, "<div id=\"panels\">") < 0 ||
	    write_processes(request, v) < 0 || write_handlers(request, v) < 0 ||
	    write_refusals(request, v) < 0 || write_reload(request, v) < 0)
		return -1;
	return prong_print(request, "</div>");
}
