/* SPDX-License-Identifier: ISC */
#include "master/status.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/control_protocol.h"
#include "handover/snapshot.h"
#include "master/control.h"
#include "master/master_state.h"
#include "master/reload.h"

/* As many lines in a message as there is room for: there may be hundreds, and a
 * socket takes few messages for a client that does not read. */
struct lines {
	struct control *control;
	size_t length;
	char text[CONTROL_LINE_BYTES];
};

static void
flush(struct lines *l)
{
	if (l->length > 0)
		control_say(l->control, CONTROL_STATUS, "%.*s", (int)l->length,
		    l->text);
	l->length = 0;
}

__attribute__((__format__(__printf__, 2, 3))) static void
add(struct lines *l, const char *format, ...)
{
	char line[sizeof(l->text)];
	size_t length;
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	length = strlen(line);
	if (l->length + 1 + length >= sizeof(l->text))
		flush(l);
	if (l->length > 0)
		l->text[l->length++] = '\n';
	memcpy(l->text + l->length, line, length);
	l->length += length;
}

static void
add_configuration(struct lines *l, const struct snapshot *set)
{
	const char *path;
	size_t i;

	for (i = 0; i < set->count; i++) {
		path = snapshot_value(set, i, MANIFEST_SOURCE_FD);
		if (path)
			add(l, "configuration %s", path);
	}
}

static void
add_logs(struct lines *l, const struct snapshot *set)
{
	if (set->access_log)
		add(l, "access-log %s", set->access_log);
	if (set->error_log)
		add(l, "error-log %s", set->error_log);
}

static void
add_inputs(struct lines *l, const struct generation_inputs *inputs)
{
	size_t i;

	if (inputs->set)
		add_configuration(l, inputs->set);
	for (i = 0; i < inputs->listeners.count; i++)
		add(l, "listener %s", listeners_where(&inputs->listeners, i));
	if (inputs->set)
		add_logs(l, inputs->set);
}

/* Of the generation that serves. */
static void
add_missing(struct lines *l, const struct generations *table)
{
	size_t i;

	for (i = 0; i < table->count; i++)
		if (table->all[i].phase == GENERATION_SERVING &&
		    table->all[i].missing > 0)
			add(l, "missing %lu", table->all[i].missing);
}

static void
add_workers(struct lines *l, const struct generation_process *g)
{
	size_t i;

	for (i = 0; g->has_counted && i < g->worker_count; i++) {
		const struct generation_worker *w = &g->workers[i];

		if (w->pid > 0)
			add(l, "worker %llu %zu %ld %lu %lu %lu",
			    (unsigned long long)g->number, i + 1, (long)w->pid,
			    w->age_s, w->connections, w->requests);
	}
}

static void
add_generations(struct lines *l, const struct generations *table)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		const struct generation_process *g = &table->all[i];

		add(l, "generation %llu %ld %s %lld %ld",
		    (unsigned long long)g->number, (long)g->pid,
		    generations_phase_name(g->phase),
		    (long long)(clock_ms() - g->executed_ms) / 1000,
		    g->has_counted ? (long)g->connections : -1L);
		add_workers(l, g);
	}
}

void
status_say(const struct master_state *state, const struct reload *reload,
    const char *doing)
{
	struct lines l = { .control = state->control };

	add(&l, "version %s", PRONG_VERSION);
	add(&l, "pid %ld", (long)getpid());
	add(&l, "state %s", doing);
	add(&l, "started %lld", (long long)state->started);
	add_inputs(&l, &state->inputs);
	add_generations(&l, &state->table);
	add_missing(&l, &state->table);
	add(&l, "hung %llu", (unsigned long long)state->hung);
	if (reload->ended != 0)
		add(&l, "reload %lld %s", (long long)reload->ended,
		    reload->has_failed ? "failed" : "done");
	flush(&l);
	control_end(state->control, CONTROL_STATUS, 0);
}
