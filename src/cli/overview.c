/* SPDX-License-Identifier: ISC */
#include "cli/overview.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/figures.h"
#include "cli/measure.h"
#include "cli/screen.h"

#define BAR_COLUMNS 30

static uint64_t
of_class(const struct figures *f, unsigned class)
{
	return f->server.responses[class];
}

static void
put_rate(struct screen *s, enum screen_style style, double rate)
{
	char text[MEASURE_BYTES];

	screen_put(s, style, "%s/s", measure_rate(rate, text));
}

/*
 * The whole.
 */

static const char *
state_of(const struct figures *f)
{
	if (!f->is_known)
		return "no figures";
	return f->server.is_leaving ? "not ready, stopping" : "ready";
}

static void
put_generations(struct screen *s, const struct figures *f)
{
	size_t i;

	screen_put(s, SCREEN_FAINT, "generation%s",
	    f->generation_count == 1 ? "" : "s");
	for (i = 0; i < f->generation_count; i++) {
		const struct figures_generation *g = &f->generations[i];

		screen_put(s, SCREEN_PLAIN, "%s %llu", i > 0 ? "," : "",
		    g->number);
		if (strcmp(g->phase, "serving") != 0)
			screen_put(s, SCREEN_WARN, " %s", g->phase);
		if (!g->is_known)
			screen_put(s, SCREEN_WARN, " unreadable");
		else if (f->generation_count > 1)
			screen_put(s, SCREEN_PLAIN, " (%" PRIu64 ")",
			    g->connections);
	}
}

static void
put_first_line(struct screen *s, const struct figures *f)
{
	char age[MEASURE_BYTES], clock[16];
	const time_t now = time(NULL);
	struct tm tm;

	screen_put(s, SCREEN_BOLD, "prongd %s", PRONG_VERSION);
	screen_put(s,
	    f->is_known && !f->server.is_leaving ? SCREEN_GOOD : SCREEN_BAD,
	    "  %s", state_of(f));
	if (f->is_known)
		screen_put(s, SCREEN_PLAIN, "  up %s",
		    measure_seconds(f->server.uptime, age));
	screen_put(s, SCREEN_PLAIN, "  ");
	put_generations(s, f);
	if (localtime_r(&now, &tm) &&
	    strftime(clock, sizeof(clock), "%H:%M:%S", &tm) > 0 &&
	    screen_left(s) > sizeof("00:00:00")) {
		screen_put_field(s, SCREEN_FAINT, -(int)screen_left(s), clock);
	}
	screen_break(s);
}

static enum screen_style
style_of_share(uint64_t now, uint64_t max)
{
	if (max > 0 && now >= max)
		return SCREEN_BAD;
	return max > 0 && now * 10 >= max * 8 ? SCREEN_WARN : SCREEN_GOOD;
}

static void
put_bar(struct screen *s, uint64_t now, uint64_t max)
{
	const uint64_t shown = now < max ? now : max;
	const int filled = max > 0 ?
	    (int)((shown * BAR_COLUMNS + max - 1) / max) :
	    0;
	char bar[BAR_COLUMNS + 1];

	memset(bar, '.', BAR_COLUMNS);
	memset(bar, '#', (size_t)filled);
	bar[BAR_COLUMNS] = '\0';
	screen_put(s, SCREEN_PLAIN, "[");
	screen_put(s, style_of_share(now, max), "%.*s", filled, bar);
	screen_put(s, SCREEN_FAINT, "%s", bar + filled);
	screen_put(s, SCREEN_PLAIN, "]");
}

static void
put_ceiling(struct screen *s, const struct figures *f)
{
	const uint64_t max = f->server.connections_max;

	screen_put(s, SCREEN_FAINT, "connections ");
	put_bar(s, f->connections, max);
	screen_put(s, style_of_share(f->connections, max),
	    " %" PRIu64 " of %" PRIu64, f->connections, max);
	screen_put(s, SCREEN_PLAIN, "  %" PRIu64 " in all",
	    f->server.connections_total);
	screen_break(s);
}

static void
put_requests(struct screen *s, const struct figures *before,
    const struct figures *now)
{
	const uint64_t requests = now->server.requests_total;
	double rate;
	unsigned class;

	screen_put(s, SCREEN_FAINT, "requests    ");
	screen_put(s, SCREEN_PLAIN, "%" PRIu64, requests);
	screen_put(s, SCREEN_PLAIN, "  ");
	put_rate(s, SCREEN_BOLD,
	    figures_rate(before, now, before->server.requests_total, requests));
	for (class = 4; class <= 5; class ++) {
		rate = figures_rate(before, now, of_class(before, class),
		    of_class(now, class));
		screen_put(s, SCREEN_FAINT, "  %uxx ", class);
		screen_put(s, SCREEN_PLAIN, "%" PRIu64 " ",
		    of_class(now, class));
		put_rate(s,
		    rate > 0 ? class == 5 ? SCREEN_BAD : SCREEN_WARN :
			       SCREEN_PLAIN,
		    rate);
	}
	screen_break(s);
}

static void
put_octets(struct screen *s, const char *name, uint64_t count, double rate)
{
	char total[MEASURE_BYTES], text[MEASURE_BYTES];

	screen_put(s, SCREEN_FAINT, "%s", name);
	screen_put(s, SCREEN_PLAIN, "%s ", measure_octets(count, total));
	screen_put(s, SCREEN_PLAIN, "%s/s  ",
	    rate < 0 ? "-" : measure_octets((uint64_t)rate, text));
}

static void
put_traffic(struct screen *s, const struct figures *before,
    const struct figures *now)
{
	put_octets(s, "sent        ", now->server.bytes_sent,
	    figures_rate(before, now, before->server.bytes_sent,
		now->server.bytes_sent));
	put_octets(s, "received ", now->server.bytes_received,
	    figures_rate(before, now, before->server.bytes_received,
		now->server.bytes_received));
	if (now->server.log_lines_dropped > 0)
		screen_put(s, SCREEN_WARN, "log lines dropped %" PRIu64,
		    now->server.log_lines_dropped);
	screen_break(s);
}

static void
put_latency(struct screen *s, const struct figures *f)
{
	const struct figures_latency l = figures_latency(f);
	char text[MEASURE_BYTES];

	screen_put(s, SCREEN_FAINT, "duration    ");
	screen_put(s, SCREEN_PLAIN, "50%% in %s, ",
	    measure_us(l.p50, l.count, text));
	screen_put(s, SCREEN_PLAIN, "90%% in %s, ",
	    measure_us(l.p90, l.count, text));
	screen_put(s, SCREEN_PLAIN, "99%% in %s, ",
	    measure_us(l.p99, l.count, text));
	screen_put(s, SCREEN_PLAIN, "all in %s",
	    measure_us(l.max, l.count, text));
	screen_break(s);
}

static void
put_refusals(struct screen *s, const struct figures *f)
{
	size_t i;

	screen_put(s, SCREEN_FAINT, "refused     ");
	screen_put(s,
	    f->server.connections_refused > 0 ? SCREEN_WARN : SCREEN_PLAIN,
	    "%" PRIu64, f->server.connections_refused);
	for (i = 0; i < PRONG_STATS_REFUSALS; i++)
		screen_put(s,
		    f->server.refusals[i] > 0 ? SCREEN_WARN : SCREEN_FAINT,
		    "  %s %" PRIu64, figures_refusal(i), f->server.refusals[i]);
	screen_put(s, SCREEN_FAINT, "  crashed ");
	screen_put(s,
	    f->server.connections_crashed > 0 ? SCREEN_BAD : SCREEN_PLAIN,
	    "%" PRIu64, f->server.connections_crashed);
	screen_break(s);
}

void
overview_put_server(struct screen *s, const struct figures *before,
    const struct figures *now)
{
	static const struct figures none;

	if (!before)
		before = &none;
	put_first_line(s, now);
	if (!now->is_known) {
		screen_put(s, SCREEN_WARN,
		    "its memory is that of another release of prong, or it "
		    "starts");
		screen_break(s);
		return;
	}
	put_ceiling(s, now);
	put_requests(s, before, now);
	put_traffic(s, before, now);
	put_latency(s, now);
	put_refusals(s, now);
}

/*
 * Handlers.
 */

static const struct prong_handler_stats *
find_handler(const struct figures *f, const struct prong_handler_stats *h)
{
	size_t i;

	for (i = 0; i < f->handler_count; i++)
		if (strcmp(f->handlers[i].name, h->name) == 0 &&
		    strcmp(f->handlers[i].route, h->route) == 0)
			return &f->handlers[i];
	return NULL;
}

static void
put_number(struct screen *s, enum screen_style style, int width,
    uint64_t number)
{
	char text[MEASURE_BYTES];

	screen_put_field(s, number > 0 ? style : SCREEN_FAINT, -width,
	    measure_count(number, text));
	screen_put(s, SCREEN_PLAIN, " ");
}

static void
put_last_crash(struct screen *s, const struct prong_handler_stats *h)
{
	char age[MEASURE_BYTES];

	if (h->crash_time == 0)
		return;
	screen_put(s, SCREEN_BAD, "%s ago by signal %" PRIu64 ": ",
	    measure_seconds((int64_t)time(NULL) - h->crash_time, age),
	    h->crash_signal);
	screen_put(s, SCREEN_PLAIN, "%s of %s %s", h->crash_request,
	    h->crash_client, h->crash_id);
}

static void
put_handler(struct screen *s, const struct figures *before,
    const struct figures *now, const struct prong_handler_stats *h)
{
	const struct prong_handler_stats *earlier = find_handler(before, h);
	const struct figures_latency l = figures_latency_of(h);
	const uint64_t requests = figures_requests(h);
	char name[128], text[MEASURE_BYTES];

	snprintf(name, sizeof(name), "%s%s%s", h->name,
	    h->route[0] ? " of " : "", h->route);
	screen_put_field(s, SCREEN_PLAIN, s->columns >= 120 ? 32 : 16, name);
	screen_put(s, SCREEN_PLAIN, " ");
	screen_put_field(s, SCREEN_PLAIN, -7,
	    measure_rate(earlier ? figures_rate(before, now,
				       figures_requests(earlier), requests) :
				   -1,
		text));
	screen_put(s, SCREEN_PLAIN, " ");
	put_number(s, SCREEN_PLAIN, 8, requests);
	put_number(s, SCREEN_WARN, 7, h->responses[4]);
	put_number(s, SCREEN_BAD, 7, h->responses[5]);
	screen_put_field(s, SCREEN_PLAIN, -8, measure_us(l.p50, l.count, text));
	screen_put(s, SCREEN_PLAIN, " ");
	screen_put_field(s, SCREEN_PLAIN, -8, measure_us(l.p99, l.count, text));
	screen_put(s, SCREEN_PLAIN, " ");
	put_number(s, SCREEN_BAD, 5, h->crashes_total);
	put_last_crash(s, h);
	screen_break(s);
}

static void
put_handler_titles(struct screen *s)
{
	static const char counts[] =
	    "      /S REQUESTS     4XX     5XX      50%      99% CRASH ";
	const bool is_wide = s->columns >= 120;

	screen_put_field(s, SCREEN_REVERSE, is_wide ? 32 : 16, "HANDLER");
	screen_put(s, SCREEN_REVERSE, "%s", counts);
	screen_put_field(s, SCREEN_REVERSE, (int)screen_left(s),
	    is_wide ? "LAST CRASH" : "");
	screen_break(s);
}

static bool
is_used(const struct prong_handler_stats *h)
{
	return figures_requests(h) > 0 || h->crashes_total > 0;
}

void
overview_put_handlers(struct screen *s, const struct figures *before,
    const struct figures *now, unsigned rows)
{
	static const struct figures none;
	size_t i, shown = 0;

	if (!before)
		before = &none;
	for (i = 0; i < now->handler_count && shown + 1 < rows; i++) {
		if (!is_used(&now->handlers[i]))
			continue;
		if (shown++ == 0)
			put_handler_titles(s);
		put_handler(s, before, now, &now->handlers[i]);
	}
}
