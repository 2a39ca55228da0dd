/*
 * Reads the scoreboard for handlers, through its descriptor, or through the
 * mapping that can only be read. Only pages of
 * living connections are shown: a process that was left behind may still write
 * to its own.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/scoreboard.h"

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <prong/handler.h>

#include "base/clock.h"
#include "base/ledgers.h"
#include "base/rings.h"
#include "base/scoreboard_layout.h"

static bool
read_at(size_t offset, void *data, size_t size)
{
	const struct shared_memory *m = &scoreboard_current->memory;

	if (!m->shown)
		return pread(m->readable, data, size, (off_t)offset) ==
		    (ssize_t)size;
	memcpy(data, m->shown + offset, size);
	return true;
}

/* The next slot from that on with a living connection, and when its process
 * began; the number of slots for none. */
static size_t
next_living(size_t slot, int64_t *began_ms)
{
	const size_t times_at = scoreboard_offset(scoreboard_current,
	    scoreboard_current->slots);
	int64_t times[256];
	size_t count, i;

	for (; slot < scoreboard_current->slots; slot += count) {
		count = scoreboard_current->slots - slot;
		if (count > sizeof(times) / sizeof(times[0]))
			count = sizeof(times) / sizeof(times[0]);
		if (!read_at(times_at + slot * sizeof(times[0]), times,
			count * sizeof(times[0])))
			break;
		for (i = 0; i < count; i++) {
			*began_ms = times[i];
			if (times[i] != 0)
				return slot + i;
		}
	}
	return scoreboard_current->slots;
}

static bool
read_page(size_t slot, void *data, size_t size)
{
	return read_at(scoreboard_offset(scoreboard_current, slot), data, size);
}

/* The connections that workers serve. */
static uint64_t
in_workers(void)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 1; ledgers_current && i <= ledgers_processes(ledgers_current);
	     i++)
		sum += ledgers_in(ledgers_current, i);
	return sum;
}

static bool
is_worker(size_t slot)
{
	return slot < scoreboard_current->workers;
}

/* Adds what living connections have counted; their number. */
static uint64_t
add_living(struct totals *t)
{
	struct scoreboard_page p;
	struct totals counts;
	uint64_t living = in_workers();
	int64_t began_ms;
	size_t i;

	for (i = next_living(0, &began_ms); i < scoreboard_current->slots;
	     i = next_living(i + 1, &began_ms)) {
		if (!read_page(i, &p, offsetof(struct scoreboard_page, since)))
			continue;
		living += !is_worker(i);
		counts = scoreboard_page_counts(&p, began_ms);
		totals_add(t, NULL, &counts);
	}
	return living;
}

/* A generation that has been ended in the midst of a turn never ends it. */
#define TURN_TRIES 1000

static bool
read_turn(uint64_t *turn)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return read_at(offsetof(struct header, turn), turn, sizeof(*turn));
}

/* Reads the header and what living connections have counted, both of the same
 * turn. */
static bool
read_counts(struct header *h, struct totals *living, uint64_t *count)
{
	uint64_t turn;
	int tries;

	for (tries = 0; tries < TURN_TRIES; tries++) {
		if (!read_at(0, h, sizeof(*h)))
			return false;
		*living = (struct totals){ { 0 } };
		*count = add_living(living);
		if (!read_turn(&turn))
			return false;
		if (h->turn == turn && turn % 2 == 0)
			return true;
		sched_yield();
	}
	return true;
}

static void
fill_totals(struct prong_server_stats *stats, const struct header *h,
    const struct totals *living)
{
	const uint64_t dropped = rings_dropped().access_lines;
	struct totals more = totals_less(living, &h->early), t = h->own;
	size_t i;

	totals_add(&t, NULL, &h->others);
	if (!h->is_settled)
		totals_add(&t, NULL, &more);
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
}

static int64_t
age(int64_t since_ms)
{
	const int64_t now_ms = clock_ms();

	return since_ms < now_ms ? (now_ms - since_ms) / 1000 : 0;
}

int
scoreboard_server_stats(struct prong_server_stats *stats)
{
	struct totals living;
	uint64_t count;
	struct header h;

	if (!scoreboard_current || !read_counts(&h, &living, &count))
		return -1;
	*stats = (struct prong_server_stats){
		.started = h.origin.master_started,
		.generation_started = h.generation_started,
		.generation = h.origin.generation,
		.master_pid = h.origin.master_pid,
		.generation_pid = h.generation_pid,
		.connections_now = count,
		.connections_max = h.max,
		.version = PRONG_VERSION,
		.is_leaving = h.is_leaving,
		.uptime = age(h.origin.master_started_ms),
		.generation_uptime = age(h.generation_started_ms),
	};
	fill_totals(stats, &h, &living);
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
	};
	snprintf(stats->state, sizeof(stats->state), "%s",
	    state_name(p->state));
	copy_text(stats->client, sizeof(stats->client), p->client);
	copy_text(stats->request, sizeof(stats->request), p->request);
	copy_text(stats->handler, sizeof(stats->handler), p->handler);
}

static void
show_row(struct prong_connection_stats *stats, const struct ledger_row *row,
    uint64_t pid)
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
	};
	snprintf(stats->state, sizeof(stats->state), "%s",
	    state_name(row->state));
	snprintf(stats->client, sizeof(stats->client), "%s", row->client);
	snprintf(stats->request, sizeof(stats->request), "%s", row->request);
	snprintf(stats->handler, sizeof(stats->handler), "%s", row->handler);
}

/* Behind all slots a cursor counts the rows of all ledgers. */
static int
next_row(uint64_t *cursor, struct prong_connection_stats *stats)
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
		show_row(stats, &row, page.pid);
		*cursor = s->slots + place + 1;
		return 1;
	}
	return 0;
}

static int
next_page(uint64_t *cursor, struct prong_connection_stats *stats)
{
	struct scoreboard_page p;
	int64_t began_ms;
	size_t slot;

	while ((slot = next_living((size_t)*cursor, &began_ms)) <
	    scoreboard_current->slots) {
		*cursor = slot + 1;
		/* Without a process: its fork is under way. */
		if (is_worker(slot) || !read_page(slot, &p, sizeof(p)) ||
		    (p.pid == 0 && p.state == SCOREBOARD_WAITING))
			continue;
		show_page(stats, &p);
		return 1;
	}
	*cursor = scoreboard_current->slots;
	return 0;
}

int
scoreboard_connection_stats(uint64_t *cursor,
    struct prong_connection_stats *stats)
{
	if (!scoreboard_current)
		return 0;
	if (*cursor < scoreboard_current->slots && next_page(cursor, stats))
		return 1;
	return next_row(cursor, stats);
}

int
scoreboard_handler_stats(uint64_t *cursor, struct prong_handler_stats *stats)
{
	struct header h;

	if (!scoreboard_current || *cursor >= HANDLERS_MAX ||
	    !read_at(0, &h, sizeof(h)) || h.handlers[*cursor].name[0] == '\0')
		return 0;
	stats->crashes = h.handlers[*cursor].crashes;
	copy_text(stats->name, sizeof(stats->name), h.handlers[*cursor].name);
	++*cursor;
	return 1;
}
