/*
 * Reads the scoreboard for handlers.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/scoreboard.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <prong/handler.h>

#include "base/clock.h"
#include "base/ledgers.h"
#include "base/rings.h"
#include "base/scoreboard_layout.h"

static void
fill_totals(struct prong_server_stats *stats, const struct header *h,
    const struct totals *all)
{
	const uint64_t dropped = rings_dropped().access_lines;
	const struct totals t = *all;
	size_t i;

	stats->connections_total = t.of[TOTAL_CONNECTIONS];
	stats->connections_refused = t.of[TOTAL_REFUSED];
	stats->connections_crashed = t.of[TOTAL_CRASHED];
	stats->requests_total = t.of[TOTAL_REQUESTS];
	stats->bytes_received = t.of[TOTAL_RECEIVED];
	stats->bytes_sent = t.of[TOTAL_SENT];
	stats->log_lines_dropped = t.of[TOTAL_LINES_DROPPED] + dropped -
	    h->log_settled;
	for (i = 0; i < 6; i++)
		stats->responses[i] = t.of[TOTAL_RESPONSES + i];
	memcpy(stats->methods, &t.of[TOTAL_METHODS], sizeof(stats->methods));
	memcpy(stats->errors, &t.of[TOTAL_ERRORS], sizeof(stats->errors));
	memcpy(stats->refusals, &t.of[TOTAL_REFUSALS], sizeof(stats->refusals));
	stats->pages_discarded = t.of[TOTAL_DISCARDED];
}

static int64_t
age(int64_t since_ms)
{
	const int64_t now_ms = clock_ms();

	return since_ms < now_ms ? (now_ms - since_ms) / 1000 : 0;
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int
scoreboard_server_stats(struct prong_server_stats *stats)
{
	/* Not on the stack, which is that of a fiber. */
	static struct scoreboard_living living;
	static struct header h;

	if (!scoreboard_current || !scoreboard_read_living(&h, &living))
		return -1;
	*stats = (struct prong_server_stats){
		.started = h.origin.master_started,
		.generation_started = h.generation_started,
		.generation = h.origin.generation,
		.master_pid = h.origin.master_pid,
		.generation_pid = h.generation_pid,
		.connections_now = living.count,
		.connections_max = h.max,
		.version = PRONG_VERSION,
		.time_ms = now_ms(),
		.is_leaving = h.is_leaving,
		.uptime = age(h.origin.master_started_ms),
		.generation_uptime = age(h.generation_started_ms),
	};
	fill_totals(stats, &h, &living.totals);
	return 0;
}

static const char *
state_name(uint32_t state)
{
	static const char *const names[] = {
		[SCOREBOARD_FREE] = "free",
		[SCOREBOARD_WAITING] = "waiting",
		[SCOREBOARD_READING] = "reading",
		[SCOREBOARD_HANDLING] = "handling",
		[SCOREBOARD_SENDING] = "sending",
		[SCOREBOARD_CLOSING] = "closing",
		[SCOREBOARD_CRASHED] = "crashed",
	};

	return state < sizeof(names) / sizeof(names[0]) ? names[state] :
							  "unknown";
}

/* A text in the page of a broken process may lack its NUL. */
static void
copy_text(char *to, size_t size, const char *from)
{
	memcpy(to, from, size);
	to[size - 1] = '\0';
}

static void
show_page(struct prong_connection_stats *stats, const struct scoreboard_page *p)
{
	*stats = (struct prong_connection_stats){
		.pid = p->pid,
		.requests = p->requests,
		.bytes_sent = p->bytes_sent,
		.since = p->since,
		.request_since = p->request_since,
		.age = age(p->since_ms),
		.request_age = p->request_since ? age(p->request_since_ms) : 0,
		.bytes_received = p->bytes_received,
		.cpu_ms = clock_used_ms((pid_t)p->pid),
	};
	snprintf(stats->kind, sizeof(stats->kind), "own");
	snprintf(stats->state, sizeof(stats->state), "%s",
	    state_name(p->state));
	copy_text(stats->client, sizeof(stats->client), p->client);
	copy_text(stats->request, sizeof(stats->request), p->request);
	copy_text(stats->handler, sizeof(stats->handler), p->handler);
}

static void
show_row(struct prong_connection_stats *stats, const struct ledger_row *row,
    uint64_t pid, const char *kind)
{
	*stats = (struct prong_connection_stats){
		.pid = pid,
		.requests = row->requests,
		.bytes_sent = row->sent,
		.since = row->since,
		.request_since = row->request_since,
		.age = age(row->since_ms),
		.request_age = row->request_since ? age(row->request_since_ms) :
						    0,
		.bytes_received = row->received,
		.cpu_ms = -1,
	};
	snprintf(stats->kind, sizeof(stats->kind), "%s", kind);
	snprintf(stats->state, sizeof(stats->state), "%s",
	    state_name(row->state));
	snprintf(stats->client, sizeof(stats->client), "%s", row->client);
	snprintf(stats->request, sizeof(stats->request), "%s", row->request);
	snprintf(stats->handler, sizeof(stats->handler), "%s", row->handler);
}

static bool
read_page(size_t slot, void *data, size_t size)
{
	return scoreboard_read_at(scoreboard_offset(scoreboard_current, slot),
	    data, size);
}

/* Behind all slots a cursor counts the rows of all ledgers. */
static int
next_row(uint64_t *cursor, struct prong_connection_stats *stats,
    size_t *handler)
{
	struct scoreboard *s = scoreboard_current;
	struct scoreboard_page page;
	struct ledger_row row;
	size_t rows, place, number, i;

	if (!ledgers_current)
		return 0;
	rows = ledgers_rows(ledgers_current);
	for (place = (size_t)*cursor - s->slots; place < rows * s->workers;
	     place++) {
		number = place / rows + 1;
		i = place % rows;
		if (i >= ledgers_used_rows(ledgers_current, number)) {
			place = number * rows - 1;
			continue;
		}
		if (!ledgers_read_row(ledgers_current, number, i, &row) ||
		    !read_page(number - 1, &page, sizeof(page)))
			continue;
		show_row(stats, &row, page.pid, scoreboard_kind(number - 1));
		*handler = (size_t)row.handler_index - 1;
		*cursor = s->slots + place + 1;
		return 1;
	}
	return 0;
}

static int
next_page(uint64_t *cursor, struct prong_connection_stats *stats,
    size_t *handler)
{
	struct scoreboard_page p;
	int64_t began_ms;
	size_t slot;

	while ((slot = scoreboard_next_living((size_t)*cursor, &began_ms)) <
	    scoreboard_current->slots) {
		*cursor = slot + 1;
		/* Without a process: its fork is under way. */
		if (slot < scoreboard_current->workers ||
		    !read_page(slot, &p, sizeof(p)) ||
		    (p.pid == 0 && p.state == SCOREBOARD_WAITING))
			continue;
		show_page(stats, &p);
		*handler = (size_t)p.handler_index - 1;
		return 1;
	}
	*cursor = scoreboard_current->slots;
	return 0;
}

int
scoreboard_connection_stats(uint64_t *cursor,
    struct prong_connection_stats *stats, size_t *handler)
{
	if (!scoreboard_current)
		return 0;
	if (*cursor < scoreboard_current->slots &&
	    next_page(cursor, stats, handler))
		return 1;
	return next_row(cursor, stats, handler);
}
