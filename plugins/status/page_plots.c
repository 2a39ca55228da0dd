/*
 * The figures of the last minutes: a number, and a plot of what it was. The newest
 * sample is at the right edge.
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

/* The units of the plots; their size is that of the element. */
#define WIDTH  (VIEW_SAMPLES - 1)
#define HEIGHT 40

typedef double value_of(const struct view_sample *sample);

static double
requests_of(const struct view_sample *s)
{
	return s->requests;
}

static double
p50_of(const struct view_sample *s)
{
	return s->p50 > 0 ? s->p50 : 0;
}

static double
p99_of(const struct view_sample *s)
{
	return s->p99 > 0 ? s->p99 : 0;
}

static double
errors_of(const struct view_sample *s)
{
	return s->errors_4xx + s->errors_5xx;
}

static double
faults_of(const struct view_sample *s)
{
	return s->errors_5xx;
}

static double
connections_of(const struct view_sample *s)
{
	return s->connections;
}

static double
highest(const struct view *v, value_of *value)
{
	double most = 0, now;
	size_t i;

	for (i = 0; i < v->sample_count; i++) {
		now = value(&v->samples[i]);
		if (now > most)
			most = now;
	}
	return most;
}

/* 1, 2 or 5 times a power of ten, at least as high as the value. */
static double
round_up(double value, double least)
{
	double top = least;

	while (top < value) {
		if (top * 2 >= value)
			return top * 2;
		if (top * 5 >= value)
			return top * 5;
		top *= 10;
	}
	return top;
}

static int
write_points(struct prong_request *request, const struct view *v,
    value_of *value, double top)
{
	const size_t first = WIDTH + 1 - v->sample_count;
	double y;
	size_t i;

	for (i = 0; i < v->sample_count; i++) {
		y = HEIGHT * (1 - value(&v->samples[i]) / top);
		if (prong_printf(request, "%s%zu %.1f", i > 0 ? "L" : "M",
			first + i, y) < 0)
			return -1;
	}
	return 0;
}

/* A line, and the area below it. */
static int
write_line(struct prong_request *request, const struct view *v, value_of *value,
    double top, const char *class)
{
	if (v->sample_count < 2)
		return 0;
	if (prong_printf(request, "<path class=\"%s area\" d=\"", class) < 0 ||
	    write_points(request, v, value, top) < 0 ||
	    prong_printf(request,
		"L%d %dL%zu %dZ\"/><path class=\"%s line\" d=\"", WIDTH, HEIGHT,
		WIDTH + 1 - v->sample_count, HEIGHT, class) < 0 ||
	    write_points(request, v, value, top) < 0)
		return -1;
	return prong_print(request, "\"/>");
}

/* A line for the ceiling, if it is not far above. */
static int
write_ceiling(struct prong_request *request, double ceiling, double top)
{
	if (ceiling <= 0 || ceiling > top)
		return 0;
	return prong_printf(request,
	    "<path class=\"ceiling\" d=\"M0 %.1fH%d\"/>",
	    HEIGHT * (1 - ceiling / top), WIDTH);
}

struct plot {
	const char *title;
	value_of *upper, *lower; /* lower may be NULL */
	double top, ceiling;
	const char *scale; /* the text of top */
};

static int
write_plot(struct prong_request *request, const struct view *v,
    const struct plot *p)
{
	char span[AMOUNT_BYTES];

	if (prong_printf(request,
		"<div class=\"plot\"><svg viewBox=\"0 0 %d %d\" "
		"preserveAspectRatio=\"none\" role=\"img\" aria-label=\"%s in "
		"the last minutes, at most %s\">",
		WIDTH, HEIGHT, p->title, p->scale) < 0 ||
	    write_line(request, v, p->upper, p->top, "upper") < 0 ||
	    (p->lower &&
		write_line(request, v, p->lower, p->top, "lower") < 0) ||
	    write_ceiling(request, p->ceiling, p->top) < 0)
		return -1;
	return prong_printf(request,
	    "</svg><span class=\"top\" aria-hidden=\"true\">%s</span>"
	    "<span class=\"from\" aria-hidden=\"true\">%s ago</span>"
	    "<span class=\"to\" aria-hidden=\"true\">now</span></div>",
	    p->scale, amount_age(span, WIDTH * VIEW_INTERVAL));
}

static const struct view_sample *
newest(const struct view *v)
{
	static const struct view_sample none;

	return v->sample_count > 0 ? &v->samples[v->sample_count - 1] : &none;
}

static int
write_notes(struct prong_request *request, const struct view_count *counts,
    size_t count)
{
	char text[AMOUNT_BYTES];
	size_t i;

	if (prong_print(request, "<p class=\"notes\">") < 0)
		return -1;
	for (i = 0; i < count; i++)
		if (prong_print(request, "<span>") < 0 ||
		    escape_html(request, counts[i].name) < 0 ||
		    prong_printf(request, " <b>%s</b></span>",
			amount_count(text, (int64_t)counts[i].count)) < 0)
			return -1;
	return prong_print(request, "</p>");
}

static int
write_requests(struct prong_request *request, const struct view *v)
{
	const uint64_t *of = v->server->responses;
	const struct view_count notes[] = {
		{ "in all", v->server->requests_total }, { "2xx", of[2] },
		{ "3xx", of[3] }, { "4xx", of[4] }, { "5xx", of[5] }
	};
	char now[AMOUNT_BYTES], scale[AMOUNT_BYTES];
	struct plot plot = { .title = "Requests a second",
		.upper = requests_of,
		.scale = scale };

	plot.top = round_up(highest(v, requests_of), 1);
	amount_rate(scale, plot.top);
	amount_rate(now, requests_of(newest(v)));
	if (prong_printf(request,
		"<figure><figcaption>Requests a second</figcaption>"
		"<p class=\"value\">%s</p>",
		now) < 0 ||
	    write_plot(request, v, &plot) < 0 ||
	    write_notes(request, notes, sizeof(notes) / sizeof(notes[0])) < 0)
		return -1;
	return prong_print(request, "</figure>");
}

static int
write_latency(struct prong_request *request, const struct view *v)
{
	char now[AMOUNT_BYTES], scale[AMOUNT_BYTES], p50[AMOUNT_BYTES];
	char p90[AMOUNT_BYTES], p99[AMOUNT_BYTES], p999[AMOUNT_BYTES];
	const struct view_latency *l = &v->latency;
	struct plot plot = { .title = "Latency",
		.upper = p99_of,
		.lower = p50_of,
		.scale = scale };

	plot.top = round_up(highest(v, p99_of), .00001);
	amount_latency(scale, plot.top);
	if (prong_printf(request,
		"<figure><figcaption><span class=\"title\">Latency</span>"
		"<span class=\"key upper\">99 %%</span> <span class=\"key "
		"lower\">50 %%</span></figcaption><p class=\"value\">%s</p>",
		amount_latency(now, newest(v)->p99)) < 0 ||
	    write_plot(request, v, &plot) < 0)
		return -1;
	return prong_printf(request,
	    "<p class=\"notes\"><span>50 %% <b>%s</b></span><span>90 %% "
	    "<b>%s</b>"
	    "</span><span>99 %% <b>%s</b></span><span>99.9 %% <b>%s</b></span>"
	    "</p></figure>",
	    amount_latency(p50, l->p50), amount_latency(p90, l->p90),
	    amount_latency(p99, l->p99), amount_latency(p999, l->p999));
}

static int
write_errors(struct prong_request *request, const struct view *v)
{
	char now[AMOUNT_BYTES], scale[AMOUNT_BYTES];
	struct plot plot = { .title = "Errors a second",
		.upper = errors_of,
		.lower = faults_of,
		.scale = scale };

	plot.top = round_up(highest(v, errors_of), 1);
	amount_rate(scale, plot.top);
	amount_rate(now, errors_of(newest(v)));
	if (prong_printf(request,
		"<figure class=\"errors\"><figcaption><span "
		"class=\"title\">Errors a second</span> <span class=\"key "
		"upper\">"
		"all</span> <span class=\"key lower\">5xx</span>"
		"</figcaption><p class=\"value\">%s</p>",
		now) < 0 ||
	    write_plot(request, v, &plot) < 0 ||
	    write_notes(request, v->errors, v->error_count) < 0)
		return -1;
	return prong_print(request, "</figure>");
}

static int
write_connections(struct prong_request *request, const struct view *v)
{
	const struct prong_server_stats *s = v->server;
	const double ceiling = (double)s->connections_max;
	const struct view_count notes[] = { { "in all", s->connections_total },
		{ "refused", s->connections_refused },
		{ "crashed", s->connections_crashed } };
	char now[AMOUNT_BYTES], max[AMOUNT_BYTES], scale[AMOUNT_BYTES];
	struct plot plot = { .title = "Connections",
		.upper = connections_of,
		.ceiling = ceiling,
		.scale = scale };

	/* The ceiling is the top once a quarter of it is used. */
	plot.top = round_up(highest(v, connections_of), 10);
	if (plot.top * 4 >= ceiling)
		plot.top = ceiling;
	amount_count(scale, (int64_t)plot.top);
	if (prong_printf(request,
		"<figure><figcaption>Connections</figcaption><p "
		"class=\"value\">%s <small>of %s</small></p>",
		amount_count(now, (int64_t)s->connections_now),
		amount_count(max, (int64_t)s->connections_max)) < 0 ||
	    write_plot(request, v, &plot) < 0 ||
	    write_notes(request, notes, sizeof(notes) / sizeof(notes[0])) < 0)
		return -1;
	return prong_print(request, "</figure>");
}

int
page_write_plots(struct prong_request *request, const struct view *v)
{
	if (prong_print(request,
		"<section id=\"plots\" aria-label=\"The last minutes\">") < 0 ||
	    write_requests(request, v) < 0 || write_latency(request, v) < 0 ||
	    write_errors(request, v) < 0 || write_connections(request, v) < 0)
		return -1;
	return prong_print(request, "</section>");
}
