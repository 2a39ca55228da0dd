/*
 * Shows handlers the generations of the server, its reloads, and the processes that
 * have more than one client.
 *
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <prong/handler.h>

#include "base/bulletin.h"
#include "base/clock.h"
#include "base/ledgers.h"
#include "base/scoreboard_layout.h"

static int64_t
age_s(int64_t since_ms)
{
	const int64_t now_ms = clock_ms();

	return since_ms < now_ms ? (now_ms - since_ms) / 1000 : 0;
}

/* In the generation, which drains. */
void
scoreboard_tell_connections(struct scoreboard *s, size_t count)
{
	const uint64_t number = scoreboard_header(s)->origin.generation;
	struct annals_generation *g =
	    &s->annals->generations[number % ANNALS_GENERATIONS];

	__atomic_store_n(&g->number, number, __ATOMIC_RELAXED);
	__atomic_store_n(&g->connections, count, __ATOMIC_RELAXED);
}

/* Of another generation; UINT64_MAX: unknown. */
static uint64_t
connections_of(uint64_t number)
{
	const struct annals *annals = scoreboard_current->shown;
	const struct annals_generation *g;

	if (!annals)
		return UINT64_MAX;
	g = &annals->generations[number % ANNALS_GENERATIONS];
	return g->number == number ? g->connections : UINT64_MAX;
}

static uint64_t
connections_here(void)
{
	struct prong_server_stats stats;

	return scoreboard_server_stats(&stats) < 0 ? UINT64_MAX :
						     stats.connections_now;
}

int
scoreboard_generation_stats(uint64_t *cursor,
    struct prong_generation_stats *stats)
{
	static const char *const phases[] = { "starting", "serving",
		"draining" };
	const struct bulletin_generation *g;
	struct bulletin b;
	struct header h;

	if (!scoreboard_current || !bulletin_read(bulletin_current, &b) ||
	    *cursor >= b.count || *cursor >= BULLETIN_GENERATIONS ||
	    !scoreboard_read_at(0, &h, sizeof(h)))
		return 0;
	g = &b.generations[(*cursor)++];
	*stats = (struct prong_generation_stats){
		.number = g->number,
		.pid = g->pid,
		.uptime = age_s(g->started_ms),
		.started = (int64_t)time(NULL) - age_s(g->started_ms),
		.connections = g->number == h.origin.generation ?
		    connections_here() :
		    connections_of(g->number),
	};
	snprintf(stats->state, sizeof(stats->state), "%s",
	    phases[g->phase < 3 ? g->phase : 0]);
	return 1;
}

int
scoreboard_reload_stats(struct prong_reload_stats *stats)
{
	static const char *const kinds[] = { "", "start", "reload", "upgrade",
		"replacement" };
	struct bulletin b;

	if (!bulletin_read(bulletin_current, &b))
		return -1;
	*stats = (struct prong_reload_stats){
		.time = b.last.time,
		.took_ms = b.last.took_ms,
		.has_failed = b.last.has_failed,
		.succeeded_total = b.succeeded,
		.failed_total = b.failed,
	};
	snprintf(stats->kind, sizeof(stats->kind), "%s",
	    kinds[b.last.kind < 5 ? b.last.kind : 0]);
	snprintf(stats->message, sizeof(stats->message), "%.*s",
	    (int)sizeof(b.last.message), b.last.message);
	return 0;
}

/* The times of the pages are the generation's own; the rest is what each process
 * says. */
int
scoreboard_process_stats(uint64_t *cursor, struct prong_process_stats *stats)
{
	struct scoreboard_page p;
	int64_t began_ms;
	size_t slot;

	if (!scoreboard_current)
		return 0;
	for (slot = (size_t)*cursor; slot < scoreboard_current->workers;
	     slot = (size_t)*cursor) {
		slot = scoreboard_next_living(slot, &began_ms);
		*cursor = slot + 1;
		if (slot >= scoreboard_current->workers)
			return 0;
		if (!scoreboard_read_at(scoreboard_offset(scoreboard_current,
					    slot),
			&p, sizeof(p)) ||
		    p.pid == 0)
			continue;
		*stats = (struct prong_process_stats){
			.pid = p.pid,
			.age = age_s(began_ms),
			.requests = p.requests,
			.connections = ledgers_current ?
			    ledgers_in(ledgers_current, slot + 1) :
			    0,
			.cpu_ms = clock_used_ms((pid_t)p.pid),
		};
		snprintf(stats->kind, sizeof(stats->kind), "%s",
		    scoreboard_kind(slot));
		snprintf(stats->state, sizeof(stats->state), "%s",
		    p.is_draining || p.is_stopping ? "draining" : "serving");
		snprintf(stats->route, sizeof(stats->route), "%.*s",
		    (int)sizeof(p.route), p.route);
		return 1;
	}
	return 0;
}
