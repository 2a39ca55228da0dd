/*
 * A reload, and the first start: read the disk, open what is new, start a
 * generation from it, and when that is ready let it take over. Until then what
 * was in force stays in force, and whatever goes wrong ends the reload alone.
 *
 *	none ──asked──▶ reading ──all is read──▶ starting ──ready──▶ yielding
 *	  ▲                │ wrong                  │ ended, late       │
 *	  └────────────────┴────────────────────────┴───────────────────┘
 *
 * One asked for meanwhile, however often, begins when this one has ended: the
 * disk may have changed since it was read.
 *
 * SPDX-License-Identifier: ISC
 */
#include "master/master_state.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "handover/snapshot.h"
#include "master/control.h"
#include "master/errorlog.h"
#include "master/logfile.h"
#include "master/notify.h"

/* A generation that does not answer within that time is left to itself. */
#define YIELD_MS 2000

/* For addresses to become free, at a start. */
#define START_PATIENCE_MS 1000

void
master_basis_close(struct master *m, struct basis *b, const struct basis *kept)
{
	snapshot_free(b->set);
	listeners_close(&b->listeners, kept ? &kept->listeners : NULL,
	    &m->activation);
	if (b->access_log >= 0)
		close(b->access_log);
	if (b->error_log >= 0)
		close(b->error_log);
	*b = MASTER_NO_BASIS;
}

static bool
is_first(const struct master *m)
{
	return !m->basis.set;
}

/* Room for the one to start, and for one that replaces another meanwhile. */
static bool
has_room(const struct master *m)
{
	return m->table.count < GENERATIONS_MAX - 1;
}

static void
begin(struct master *m)
{
	m->reload.again = false;
	control_move(m->control, CONTROL_NEXT_RELOAD, CONTROL_RELOAD);
	if (!is_first(m)) {
		log_info("reloading");
		notify_reloading();
	}
	m->reload.phase = RELOAD_READING;
	if (loader_start(&m->reload.loader, m->command) < 0) {
		control_say(m->control, CONTROL_RELOAD, "error: %s",
		    log_last_error());
		master_reload_failed(m);
	}
}

void
master_reload_next(struct master *m)
{
	if (m->reload.again && m->reload.phase == RELOAD_NONE && !m->stopping &&
	    has_room(m) && !master_upgrade_is_under_way(m))
		begin(m);
}

void
master_reload(struct master *m)
{
	if (m->stopping) {
		control_say(m->control, CONTROL_NEXT_RELOAD,
		    "error: prongd is stopping");
		control_end(m->control, CONTROL_NEXT_RELOAD, 1);
		return;
	}
	m->reload.again = true;
	if (master_upgrade_is_under_way(m))
		control_say(m->control, CONTROL_NEXT_RELOAD,
		    "waiting: an "
		    "upgrade comes first");
	/* Those who wait for the one under way are another matter. */
	if (m->reload.phase == RELOAD_NONE && !has_room(m)) {
		log_info("the reload waits: %zu generations live",
		    m->table.count);
		control_say(m->control, CONTROL_NEXT_RELOAD,
		    "waiting: %zu "
		    "generations live, and the eldest must drain first",
		    m->table.count);
	}
	master_reload_next(m);
}

static void
end(struct master *m, int status)
{
	m->reload.phase = RELOAD_NONE;
	m->reload.has_failed = status != 0;
	/* The first start is none. */
	if (m->generations > 1)
		m->reload.ended = time(NULL);
	control_end(m->control, CONTROL_RELOAD, status);
}

void
master_reload_failed(struct master *m)
{
	const struct generation_process *g;

	if (m->reload.phase == RELOAD_NONE)
		return;
	if (m->reload.phase == RELOAD_YIELDING) {
		master_reload_yielded(m, m->reload.before);
		return;
	}
	loader_end(&m->reload.loader);
	master_basis_close(m, &m->reload.next, &m->basis);
	if (is_first(m)) {
		m->failed = true;
		end(m, 1);
		return;
	}
	g = generations_in(&m->table, GENERATION_SERVING);
	log_error("the reload has failed; %s",
	    g ? "what was in force stays "
		"in force" :
		"the last good set stays");
	control_say(m->control, CONTROL_RELOAD,
	    "the reload has failed; "
	    "what was in force stays in force");
	end(m, 1);
	if (!m->stopping)
		notify_ready("the last reload has failed");
	master_reload_next(m);
}

static bool
open_access_log(struct basis *b)
{
	const struct snapshot *set = b->set;

	if (!set->access_log)
		return true;
	b->access_log = logfile_open_access(set->access_log, &set->identity);
	return b->access_log >= 0;
}

/* From here on, at a start, what goes wrong is told there. */
static bool
open_error_log(struct master *m, struct basis *b)
{
	b->error_log = errorlog_open(b->set->error_log, &b->set->identity);
	if (b->error_log < 0)
		return false;
	if (is_first(m)) {
		master_take_log(m, b);
		errorlog_starts(b->set->error_log);
	}
	return true;
}

static bool
prepare(struct master *m)
{
	/* A master that was killed leaves a generation that is about to notice.
	 * At a reload there is somebody to serve meanwhile. */
	const int64_t patience_ms = is_first(m) ? START_PATIENCE_MS : 0;
	struct basis *next = &m->reload.next;

	return open_error_log(m, next) && open_access_log(next) &&
	    listeners_open(&next->listeners, &m->basis.listeners, next->set,
		&m->activation, clock_ms() + patience_ms) == 0;
}

static void
start(struct master *m)
{
	struct reload *r = &m->reload;

	r->next.set = r->loader.set;
	r->loader.set = NULL;
	loader_end(&r->loader);
	if (!prepare(m) || !master_start_generation(m, &r->next)) {
		/* Those who wait are told what the log has. */
		control_say(m->control, CONTROL_RELOAD, "error: %s",
		    log_last_error());
		master_reload_failed(m);
		return;
	}
	notify_extend(master_start_time_ms(r->next.set));
	r->phase = RELOAD_STARTING;
	r->generation = m->generations;
}

void
master_reload_polled(struct master *m)
{
	struct loader *loader = &m->reload.loader;
	static char text[LOADER_MESSAGE_BYTES];
	enum loader_event event = loader_receive(loader, text);

	if (event == LOADER_NOTHING && clock_ms() >= loader->deadline_ms) {
		snprintf(text, sizeof(text),
		    "error: reading the "
		    "configuration takes too long");
		log_error("%s", text + strlen("error: "));
		event = LOADER_FAILED;
	}
	if (text[0])
		control_say(m->control, CONTROL_RELOAD, "%s", text);
	if (event == LOADER_COMPLETE)
		start(m);
	else if (event == LOADER_FAILED)
		master_reload_failed(m);
}

bool
master_reload_is(const struct master *m, uint64_t generation)
{
	return m->reload.phase == RELOAD_STARTING &&
	    m->reload.generation == generation;
}

/* Where prong(1) finds this master from now on. A default that cannot be had is
 * an ordinary user's lot. */
void
master_open_control(struct master *m, const struct snapshot *set)
{
	if (!set->control)
		control_close(m->control);
	else
		control_open(m->control, set->control, set->control_group,
		    set->control_is_default && geteuid() != 0);
}

/* Its generation serves: what it was made from is in force. But until the one
 * before accepts no more, a client may still get to that one. */
void
master_reload_ready(struct master *m, uint64_t before)
{
	struct basis old = m->basis;

	m->basis = m->reload.next;
	m->reload.next = MASTER_NO_BASIS;
	master_basis_close(m, &old, &m->basis);
	master_take_log(m, &m->basis);
	m->reload.phase = RELOAD_YIELDING;
	m->reload.before = before;
	m->reload.yield_ms = clock_ms() + YIELD_MS;
	if (before == 0)
		master_reload_yielded(m, 0);
}

void
master_reload_yielded(struct master *m, uint64_t generation)
{
	if (m->reload.phase != RELOAD_YIELDING ||
	    m->reload.before != generation)
		return;
	m->reload.yield_ms = INT64_MAX;
	control_say(m->control, CONTROL_RELOAD, "generation %llu is ready",
	    (unsigned long long)m->reload.generation);
	end(m, 0);
	master_reload_next(m);
}
