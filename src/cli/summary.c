/* SPDX-License-Identifier: ISC */
#include "cli/summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cli/figures.h"
#include "cli/measure.h"
#include "cli/overview.h"
#include "cli/printable.h"
#include "cli/screen.h"
#include "cli/terminal.h"

/* Lines in a file are not cut. */
#define FILE_COLUMNS 1000

static void
print_ceilings(const struct figures *f)
{
	printf("%-15s%" PRIu64 " of %" PRIu64 ", %" PRIu64 " in all\n",
	    "connections", f->connections, f->server.connections_max,
	    f->server.connections_total);
	printf("%-15s%" PRIu64 "\n", "requests", f->server.requests_total);
}

static void
print_refusals(const struct figures *f)
{
	const char *comma = ": ";
	size_t i;

	printf("%-15s%" PRIu64, "refused", f->server.connections_refused);
	for (i = 0; i < PRONG_STATS_REFUSALS; i++) {
		if (f->server.refusals[i] == 0)
			continue;
		printf("%s%s %" PRIu64, comma, figures_refusal(i),
		    f->server.refusals[i]);
		comma = ", ";
	}
	putchar('\n');
}

static void
print_crash(const struct prong_handler_stats *h)
{
	char age[MEASURE_BYTES];

	printf("%-15s%s ago, %s, signal %" PRIu64 ", \"", "last crash",
	    measure_seconds((int64_t)time(NULL) - h->crash_time, age), h->name,
	    h->crash_signal);
	printable_print(stdout, h->crash_request);
	fputs("\" of ", stdout);
	printable_print(stdout, h->crash_client);
	if (h->crash_id[0] != '\0') {
		fputs(", id ", stdout);
		printable_print(stdout, h->crash_id);
	}
	putchar('\n');
}

static void
print_crashes(const struct figures *f)
{
	const struct prong_handler_stats *last = NULL;
	const char *comma = ": ";
	size_t i;

	printf("%-15s%" PRIu64, "crashes", f->server.connections_crashed);
	for (i = 0; i < f->handler_count; i++) {
		const struct prong_handler_stats *h = &f->handlers[i];

		if (h->crashes_total == 0 || h->route[0] != '\0')
			continue;
		printf("%s", comma);
		printable_print(stdout, h->name);
		printf(" %" PRIu64, h->crashes_total);
		comma = ", ";
		if (h->crash_time > 0 &&
		    (!last || h->crash_time > last->crash_time))
			last = h;
	}
	putchar('\n');
	if (last)
		print_crash(last);
}

void
summary_print(struct figures *f, unsigned connections)
{
	struct screen screen = { .to = stdout, .columns = FILE_COLUMNS };
	unsigned rows;

	if (!f->is_known)
		return;
	print_ceilings(f);
	print_refusals(f);
	print_crashes(f);
	if (f->connection_count == 0)
		return;
	if (isatty(STDOUT_FILENO))
		terminal_size(&screen.columns, &rows);
	screen.has_colours = screen_may_have_colours();
	putchar('\n');
	figures_sort(f, FIGURES_BUSY);
	screen_begin(&screen);
	overview_put_connections(&screen, f, "", connections + 2);
	screen_end(&screen);
}

/*
 * JSON.
 */

static void
print_text(const char *name, const char *text)
{
	printf("\"%s\":", name);
	printable_print_json(stdout, text);
}

static void
print_counts(const struct figures *f)
{
	size_t i;

	printf(",\"connections\":{\"now\":%" PRIu64 ",\"max\":%" PRIu64
	       ",\"total\":%" PRIu64 ",\"refused\":%" PRIu64
	       ",\"crashed\":%" PRIu64 "},\"refused\":{",
	    f->connections, f->server.connections_max,
	    f->server.connections_total, f->server.connections_refused,
	    f->server.connections_crashed);
	for (i = 0; i < PRONG_STATS_REFUSALS; i++)
		printf("%s\"%s\":%" PRIu64, i > 0 ? "," : "",
		    figures_refusal(i), f->server.refusals[i]);
	printf("},\"requests\":%" PRIu64 ",\"responses\":{",
	    f->server.requests_total);
	for (i = 1; i < 6; i++)
		printf("%s\"%zuxx\":%" PRIu64, i > 1 ? "," : "", i,
		    f->server.responses[i]);
	putchar('}');
}

static void
print_handler(const struct prong_handler_stats *h)
{
	const struct figures_latency l = figures_latency_of(h);

	putchar('{');
	print_text("name", h->name);
	if (h->route[0] != '\0') {
		putchar(',');
		print_text("route", h->route);
	}
	printf(",\"requests\":%" PRIu64 ",\"crashes\":%" PRIu64
	       ",\"limits\":%" PRIu64 ",\"sandbox\":%" PRIu64
	       ",\"latency\":{\"count\":%" PRIu64
	       ",\"p50\":%.6f,\"p90\":%.6f,\"p99\":%.6f,\"max\":%.6f}",
	    figures_requests(h), h->crashes_total, h->limits, h->refusals,
	    l.count, (double)l.p50 / 1e6, (double)l.p90 / 1e6,
	    (double)l.p99 / 1e6, (double)l.max / 1e6);
	if (h->crash_time > 0) {
		printf(",\"last_crash\":{\"time\":%" PRId64
		       ",\"signal\":%" PRIu64 ",\"pid\":%" PRIu64 ",",
		    h->crash_time, h->crash_signal, h->crash_pid);
		print_text("client", h->crash_client);
		putchar(',');
		print_text("request", h->crash_request);
		putchar(',');
		print_text("id", h->crash_id);
		putchar('}');
	}
	putchar('}');
}

static void
print_connection(const struct figures_connection *c)
{
	const struct prong_connection_stats *t = &c->stats;

	printf("{\"pid\":%" PRIu64 ",\"generation\":%llu,\"age\":%" PRId64
	       ",\"request_age\":%" PRId64 ",\"requests\":%" PRIu64
	       ",\"sent\":%" PRIu64 ",",
	    t->pid, c->generation, t->age,
	    t->request_since == 0 ? 0 : t->request_age, t->requests,
	    t->bytes_sent);
	print_text("kind", t->kind);
	printf(",\"received\":%" PRIu64 ",", t->bytes_received);
	print_text("state", t->state);
	putchar(',');
	print_text("client", t->client);
	putchar(',');
	print_text("handler", t->handler);
	putchar(',');
	print_text("request", t->request);
	putchar('}');
}

void
summary_print_json(const struct figures *f)
{
	size_t i;

	if (!f->is_known) {
		printf(",\"connections\":null");
		return;
	}
	print_counts(f);
	printf(",\"handlers\":[");
	for (i = 0; i < f->handler_count; i++) {
		fputs(i > 0 ? "," : "", stdout);
		print_handler(&f->handlers[i]);
	}
	printf("],\"table\":[");
	for (i = 0; i < f->connection_count; i++) {
		fputs(i > 0 ? "," : "", stdout);
		print_connection(&f->connections_shown[i]);
	}
	putchar(']');
}
