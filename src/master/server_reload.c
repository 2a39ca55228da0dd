/* SPDX-License-Identifier: ISC */
#include "master/server_reload.h"

#include <time.h>

#include "base/clock.h"
#include "handover/snapshot.h"
#include "master/control.h"
#include "master/launch.h"
#include "master/notify.h"
#include "master/server.h"
#include "master/server_bulletin.h"

static bool
is_first(const struct server *s)
{
	return !s->state.inputs.set;
}

bool
server_reload_first_failed(const struct server *s)
{
	return is_first(s) && s->reload.has_failed;
}

static void
end(struct server *s, int status)
{
	reload_end(&s->reload, s->state.control, status,
	    s->reload.is_start ? 0 : time(NULL));
	server_bulletin_enter(s, status != 0);
}

/* Room for the one to start, and for one that replaces another meanwhile. */
static bool
has_room(const struct server *s)
{
	return s->state.table.count < GENERATIONS_MAX - 1;
}

/* The generation before has yielded, ended or run out of time. */
static void
finish(struct server *s)
{
	control_say(s->state.control, CONTROL_RELOAD,
	    "generation %llu is ready%s",
	    (unsigned long long)s->reload.generation, s->reload.changes);
	end(s, 0);
}

/* The inputs in force stay in force. */
static void
drop(struct server *s)
{
	reload_drop(&s->reload, &s->state.inputs, &s->activation);
	if (is_first(s)) {
		end(s, 1);
		return;
	}
	log_error("the reload has failed; %s",
	    generations_in(&s->state.table, GENERATION_SERVING) ?
		"what was in force stays in force" :
		"the last good set stays");
	control_say(s->state.control, CONTROL_RELOAD,
	    "the reload has failed; what was in force stays in force");
	end(s, 1);
	if (!s->stop.is_under_way)
		notify_ready("the last reload has failed");
}

static void
begin(struct server *s)
{
	s->reload.is_start = is_first(s);
	s->reload.began_ms = clock_ms();
	if (!s->reload.is_start) {
		log_info("reloading");
		notify_reloading();
	}
	if (!reload_begin(&s->reload, s->command, s->state.control))
		drop(s);
}

void
server_reload_next(struct server *s)
{
	if (s->reload.again && s->reload.phase == RELOAD_NONE &&
	    !s->stop.is_under_way && has_room(s) &&
	    !upgrade_is_under_way(&s->upgrade))
		begin(s);
}

void
server_reload_fail(struct server *s)
{
	if (s->reload.phase == RELOAD_NONE)
		return;
	if (s->reload.phase == RELOAD_YIELDING)
		finish(s);
	else
		drop(s);
	if (!server_reload_first_failed(s))
		server_reload_next(s);
}

void
server_reload_yielded(struct server *s, uint64_t generation)
{
	if (!reload_is_yielding(&s->reload, generation))
		return;
	finish(s);
	server_reload_next(s);
}

static void
go_on(struct server *s)
{
	struct reload *r = &s->reload;

	if (reload_open(r, &s->state.inputs, &s->activation, s->state.style) &&
	    launch_generation(&s->state, &r->next)) {
		notify_extend(launch_time_ms(r->next.set));
		reload_start(r, s->state.generations);
		return;
	}
	/* Clients that wait are told what the log has. */
	control_say(s->state.control, CONTROL_RELOAD, "error: %s",
	    log_last_error());
	server_reload_fail(s);
}

void
server_reload_hear(struct server *s)
{
	switch (reload_receive(&s->reload, s->state.control)) {
	case RELOAD_HAS_READ:
		go_on(s);
		break;
	case RELOAD_HAS_FAILED:
		server_reload_fail(s);
		break;
	default:
		break;
	}
}

void
server_reload(struct server *s)
{
	struct control *control = s->state.control;

	if (s->stop.is_under_way) {
		control_say(control, CONTROL_NEXT_RELOAD,
		    "error: prongd is stopping");
		control_end(control, CONTROL_NEXT_RELOAD, 1);
		return;
	}
	s->reload.again = true;
	if (upgrade_is_under_way(&s->upgrade))
		control_say(control, CONTROL_NEXT_RELOAD,
		    "waiting: an upgrade comes first");
	/* Clients that wait for the one under way are told nothing. */
	if (s->reload.phase == RELOAD_NONE && !has_room(s)) {
		log_info("the reload waits: %zu generations live",
		    s->state.table.count);
		control_say(control, CONTROL_NEXT_RELOAD,
		    "waiting: %zu generations live, and the eldest must drain "
		    "first",
		    s->state.table.count);
	}
	server_reload_next(s);
}
