/* SPDX-License-Identifier: ISC */
#include "master/server_bulletin.h"

#include <stdio.h>

#include "base/bulletin.h"
#include "base/clock.h"
#include "base/log.h"
#include "master/server.h"

static uint64_t
phase_of(const struct generation_process *g)
{
	switch (g->phase) {
	case GENERATION_STARTING:
		return 0;
	case GENERATION_SERVING:
		return 1;
	case GENERATION_DRAINING:
	default:
		return 2;
	}
}

void
server_bulletin_tell(struct server *s)
{
	const struct generations *table = &s->state.table;
	struct bulletin *b = s->state.bulletin;
	size_t i;

	if (!b)
		return;
	bulletin_turn(b);
	for (i = 0; i < table->count && i < BULLETIN_GENERATIONS; i++) {
		const struct generation_process *g = &table->all[i];

		b->generations[i] = (struct bulletin_generation){
			.number = g->number,
			.pid = (uint64_t)g->pid,
			.started_ms = g->executed_ms,
			.phase = phase_of(g),
		};
	}
	b->count = i;
	bulletin_turn(b);
}

static enum bulletin_kind
kind_of(const struct server *s)
{
	if (s->reload.is_start)
		return BULLETIN_START;
	return s->state.has_resumed ? BULLETIN_UPGRADE : BULLETIN_RELOAD;
}

void
server_bulletin_enter(struct server *s, bool has_failed)
{
	char message[RELOAD_CHANGES_BYTES + 64];

	snprintf(message, sizeof(message), "generation %llu is ready%s",
	    (unsigned long long)s->reload.generation, s->reload.changes);
	if (s->state.bulletin)
		bulletin_enter(s->state.bulletin, kind_of(s), has_failed,
		    clock_ms() - s->reload.began_ms,
		    has_failed ? log_last_error() : message);
	s->state.has_resumed = false;
}

void
server_bulletin_enter_replacement(struct server *s,
    const struct generation_process *g)
{
	char message[64];

	snprintf(message, sizeof(message), "generation %llu is ready",
	    (unsigned long long)g->number);
	if (s->state.bulletin)
		bulletin_enter(s->state.bulletin, BULLETIN_REPLACEMENT, false,
		    clock_ms() - g->executed_ms, message);
}
