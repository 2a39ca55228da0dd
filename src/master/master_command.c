/*
 * What prong(1) asks for. Lines of status: a keyword and values, which prong(1)
 * puts into words or into JSON.
 *
 * SPDX-License-Identifier: ISC
 */
#include "master/master_state.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/control_protocol.h"
#include "handover/snapshot.h"
#include "master/control.h"
#include "master/notify.h"

/* Generations that do not say how many connections they have are shown
 * without. */
#define STATUS_MS 1000

/* As many lines in a message as there is room for: there may be hundreds, and a
 * socket takes few messages from whoever is not read. */
static char pending[CONTROL_LINE_BYTES];
static size_t pending_length;

static void
flush_lines(struct master *m)
{
	if (pending_length > 0)
		control_say(m->control, CONTROL_STATUS, "%.*s",
		    (int)pending_length, pending);
	pending_length = 0;
}

__attribute__((__format__(__printf__, 2, 3))) static void
tell(struct master *m, const char *format, ...)
{
	char line[sizeof(pending)];
	size_t length;
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	length = strlen(line);
	if (pending_length + 1 + length >= sizeof(pending))
		flush_lines(m);
	if (pending_length > 0)
		pending[pending_length++] = '\n';
	memcpy(pending + pending_length, line, length);
	pending_length += length;
}

static void
fact(struct master *m, const char *name, const char *value)
{
	tell(m, "%s %s", name, value);
}

static void
number(struct master *m, const char *name, int64_t value)
{
	tell(m, "%s %lld", name, (long long)value);
}

static const char *
state_of(const struct master *m)
{
	if (m->stopping)
		return "stopping";
	if (m->leave_ms != INT64_MAX)
		return "leaving";
	if (m->reload.phase != RELOAD_NONE)
		return "reloading";
	return "serving";
}

static void
say_generations(struct master *m)
{
	size_t i;

	for (i = 0; i < m->table.count; i++) {
		const struct generation_process *g = &m->table.all[i];

		tell(m, "generation %llu %ld %s %lld %ld",
		    (unsigned long long)g->number, (long)g->pid,
		    generations_phase_name(g->phase),
		    (long long)(clock_ms() - g->executed_ms) / 1000,
		    g->has_counted ? (long)g->connections : -1L);
	}
}

static void
say_reload(struct master *m)
{
	if (m->reload.ended == 0)
		return;
	tell(m, "reload %lld %s", (long long)m->reload.ended,
	    m->reload.has_failed ? "failed" : "done");
}

void
master_status(struct master *m)
{
	const char *path;
	size_t i;

	m->status_due_ms = INT64_MAX;
	fact(m, "version", PRONG_VERSION);
	number(m, "pid", getpid());
	fact(m, "state", state_of(m));
	number(m, "started", m->started);
	for (i = 0; m->basis.set && i < m->basis.set->count; i++) {
		path = snapshot_value(m->basis.set, i, "source");
		if (path)
			fact(m, "configuration", path);
	}
	for (i = 0; i < m->basis.listeners.count; i++)
		fact(m, "listener", listeners_where(&m->basis.listeners, i));
	if (m->basis.set && m->basis.set->access_log)
		fact(m, "access-log", m->basis.set->access_log);
	if (m->basis.set && m->basis.set->error_log)
		fact(m, "error-log", m->basis.set->error_log);
	say_generations(m);
	say_reload(m);
	flush_lines(m);
	control_end(m->control, CONTROL_STATUS, 0);
}

static void
begin_status(struct master *m)
{
	generations_ask_counts(&m->table);
	if (generations_has_counted(&m->table))
		master_status(m);
	else
		m->status_due_ms = clock_ms() + STATUS_MS;
}

/* Asked for once more, the earlier time counts. */
static void
begin_leave(struct master *m, int64_t time_ms)
{
	int64_t until_ms = clock_ms() + time_ms;
	bool is_new = m->leave_ms == INT64_MAX;
	size_t i;

	if (m->stopping || !m->basis.set)
		return;
	if (until_ms < m->leave_ms)
		m->leave_ms = until_ms;
	control_say(m->control, CONTROL_DRAIN,
	    "not ready from now on; "
	    "stopping in %lld ms",
	    (long long)(m->leave_ms - clock_ms()));
	if (!is_new)
		return;
	log_info("leaving: not ready from now on, stopping in %lld ms",
	    (long long)time_ms);
	notify_status("not ready, stopping soon");
	master_upgrade_give_up(m);
	for (i = 0; i < m->table.count; i++)
		master_tell_leave(m, &m->table.all[i]);
}

void
master_obey(struct master *m)
{
	struct control_request request;

	while (control_take(m->control, &request)) {
		switch (request.topic) {
		case CONTROL_STATUS:
			begin_status(m);
			break;
		case CONTROL_NEXT_RELOAD:
			master_reload(m);
			break;
		case CONTROL_DRAIN:
			begin_leave(m, request.time_ms);
			break;
		case CONTROL_REOPEN:
			master_reopen(m);
			break;
		case CONTROL_UPGRADE:
			master_upgrade(m);
			break;
		case CONTROL_STOP:
			if (!m->stopping)
				master_stop(m);
			break;
		case CONTROL_STOP_NOW:
			master_stop(m);
			master_stop(m);
			break;
		default:
			break;
		}
	}
}
