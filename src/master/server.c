/* SPDX-License-Identifier: ISC */
#include "master/server.h"

#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "handover/command.h"
#include "handover/snapshot.h"
#include "master/control.h"
#include "master/figures.h"
#include "master/generation_message.h"
#include "master/notify.h"
#include "master/server_generation.h"
#include "master/server_reload.h"

/* Generations that do not say how many connections they have are shown
 * without. */
#define STATUS_MS 1000

/* A reload, or a generation that starts, has what was there before. */
static bool
is_starting(struct server *s)
{
	return s->reload.phase != RELOAD_NONE ||
	    generations_in(&s->state.table, GENERATION_STARTING);
}

/*
 * Reopenings of the logs.
 */

static void
next_reopening(struct server *s)
{
	if (s->reopening.is_wanted && !is_starting(s) &&
	    !upgrade_is_under_way(&s->upgrade))
		reopening_begin(&s->reopening, &s->state.inputs, s->state.style,
		    &s->state.table, s->state.control);
}

void
server_reopen(struct server *s)
{
	s->reopening.is_wanted = true;
	next_reopening(s);
}

/*
 * Upgrades.
 */

/* A reload that has waited for the upgrade begins. */
static void
fail_upgrade(struct server *s, const char *why)
{
	upgrade_fail(&s->upgrade, s->state.control, why);
	server_reload_next(s);
}

static void
give_up_upgrade(struct server *s)
{
	if (s->upgrade.is_wanted || upgrade_is_under_way(&s->upgrade))
		fail_upgrade(s, "prongd is stopping");
}

/* A generation that starts belongs to this release. */
static void
begin_upgrade(struct server *s)
{
	const char *failure;

	if (is_starting(s) || generations_is_reopening(&s->state.table))
		return;
	failure = upgrade_begin(&s->upgrade, &s->state, s->command->arguments);
	if (failure)
		fail_upgrade(s, failure);
}

/* A second request joins the upgrade under way. */
void
server_upgrade(struct server *s)
{
	if (upgrade_is_under_way(&s->upgrade))
		return;
	if (s->stop.is_under_way || stop_is_announced(&s->stop) ||
	    !s->state.inputs.set) {
		fail_upgrade(s, "prongd is stopping or starting");
		return;
	}
	s->upgrade.is_wanted = true;
	begin_upgrade(s);
}

/* Comes back only when it could not. What is asked for from here on waits in
 * sockets, and signals are blocked: both are still there afterwards. */
static void
execute_upgrade(struct server *s)
{
	int error;

	log_info("%s takes over", s->state.program);
	if (s->status_due_ms != INT64_MAX)
		server_generation_status(s);
	if (s->reopening.is_wanted)
		raise(SIGUSR1);
	error = upgrade_execute(&s->upgrade, &s->state, s->command->arguments,
	    &s->activation);
	fail_upgrade(s, strerror(error));
}

static void
next_upgrade(struct server *s)
{
	if (s->upgrade.has_proved)
		execute_upgrade(s);
	else if (s->upgrade.is_wanted && !s->stop.is_under_way)
		server_upgrade(s);
}

void
server_hear_proof(struct server *s)
{
	upgrade_receive(&s->upgrade, s->state.control);
	if (clock_ms() >= s->upgrade.deadline_ms)
		fail_upgrade(s, "its proof takes too long");
}

static void
end_proof(struct server *s, bool has_succeeded)
{
	upgrade_end_proof(&s->upgrade, s->state.control, has_succeeded);
	if (!has_succeeded)
		fail_upgrade(s, "the new program finds something wrong");
}

/*
 * The end of the server.
 */

/* What both ways to stop have in common; grace_ms: beyond stop_grace. */
static void
begin_stop(struct server *s, int64_t grace_ms)
{
	struct control *control = s->state.control;

	restart_cancel(&s->restart);
	s->reload.again = false;
	control_say(control, CONTROL_NEXT_RELOAD, "error: prongd is stopping");
	control_end(control, CONTROL_NEXT_RELOAD, 1);
	stop_begin(&s->stop, s->state.inputs.set, grace_ms);
	give_up_upgrade(s);
	server_reload_fail(s);
}

/* A generation that does not serve yet has nothing to finish. */
static bool
end_if_starting(struct generation_process *g)
{
	g->deadline_ms = INT64_MAX;
	if (g->phase != GENERATION_STARTING)
		return false;
	generations_kill(g);
	return true;
}

void
server_stop(struct server *s)
{
	struct generations *table = &s->state.table;
	bool let_finish;
	size_t i;

	if (s->stop.is_under_way) {
		stop_hurry(&s->stop);
		return;
	}
	begin_stop(s, 0);
	let_finish = listeners_let_finish(&s->state.inputs.listeners, NULL,
	    &s->activation);
	listeners_close(&s->state.inputs.listeners, NULL, &s->activation);
	for (i = 0; i < table->count; i++)
		if (!end_if_starting(&table->all[i]))
			generation_message_stop(&table->all[i], let_finish);
}

/* Idle connections, too, are given the time, until drain_timeout, and are told to
 * close with their next response. */
static void
leave(struct server *s)
{
	static const struct listeners none;
	struct generations *table = &s->state.table;
	size_t i;

	if (s->stop.is_under_way)
		return;
	begin_stop(s, s->state.inputs.set->drain_timeout_ms);
	for (i = 0; i < table->count; i++)
		if (!end_if_starting(&table->all[i]))
			server_generation_drain(s, &table->all[i], &none);
	listeners_close(&s->state.inputs.listeners, NULL, &s->activation);
}

static void
announce_leave(struct server *s, int64_t time_ms)
{
	struct generations *table = &s->state.table;
	bool is_new;
	size_t i;

	if (s->stop.is_under_way || !s->state.inputs.set)
		return;
	is_new = stop_announce(&s->stop, clock_ms() + time_ms);
	control_say(s->state.control, CONTROL_DRAIN,
	    "not ready from now on; stopping in %lld ms",
	    (long long)(s->stop.leave_ms - clock_ms()));
	if (!is_new)
		return;
	log_info("leaving: not ready from now on, stopping in %lld ms",
	    (long long)time_ms);
	notify_status("not ready, stopping soon");
	give_up_upgrade(s);
	for (i = 0; i < table->count; i++)
		generation_message_tell(&table->all[i], PROTOCOL_LEAVE);
}

/*
 * What happens.
 */

static void
begin_status(struct server *s)
{
	generations_ask_counts(&s->state.table);
	if (generations_has_counted(&s->state.table))
		server_generation_status(s);
	else
		s->status_due_ms = clock_ms() + STATUS_MS;
}

void
server_obey(struct server *s, const struct control_request *request)
{
	switch (request->topic) {
	case CONTROL_STATUS:
		begin_status(s);
		break;
	case CONTROL_FIGURES:
		figures_say(&s->state);
		break;
	case CONTROL_NEXT_RELOAD:
		server_reload(s);
		break;
	case CONTROL_DRAIN:
		announce_leave(s, request->time_ms);
		break;
	case CONTROL_REOPEN:
		server_reopen(s);
		break;
	case CONTROL_UPGRADE:
		server_upgrade(s);
		break;
	case CONTROL_STOP:
		if (!s->stop.is_under_way)
			server_stop(s);
		break;
	case CONTROL_STOP_NOW:
		server_stop(s);
		server_stop(s);
		break;
	default:
		break;
	}
}

void
server_hear_generation(struct server *s, pid_t pid)
{
	struct generation_process *g = generations_find(&s->state.table, pid);

	if (g && g->control >= 0)
		server_generation_hear(s, g);
}

void
server_end_child(struct server *s, pid_t pid, int status)
{
	struct generation_process *g;

	/* Its socket tells the rest. */
	if (pid == s->reload.loader.pid)
		s->reload.loader.pid = 0;
	if (pid == s->upgrade.pid)
		end_proof(s, status == 0);
	g = generations_find(&s->state.table, pid);
	if (g)
		server_generation_ended(s, g, status);
}

void
server_resume(struct server *s)
{
	struct generations *table = &s->state.table;

	if (!generations_in(table, GENERATION_SERVING) &&
	    !generations_in(table, GENERATION_STARTING))
		s->restart.due_ms = clock_ms();
}

void
server_check_deadlines(struct server *s)
{
	int64_t now_ms = clock_ms();

	stop_check(&s->stop, &s->state.table);
	if (now_ms >= s->stop.leave_ms)
		leave(s);
	if (now_ms >= s->restart.due_ms)
		server_generation_restart(s);
	if (now_ms >= s->status_due_ms)
		server_generation_status(s);
	server_generation_check(s);
	if (now_ms >= s->reload.loader.deadline_ms)
		server_reload_hear(s);
	if (now_ms >= s->reload.yield_ms)
		server_reload_yielded(s, s->reload.before);
	if (now_ms >= s->upgrade.deadline_ms)
		server_hear_proof(s);
	next_upgrade(s);
	next_reopening(s);
}

int64_t
server_deadline(const struct server *s)
{
	const int64_t times[] = {
		s->stop.deadline_ms,
		s->stop.leave_ms,
		s->restart.due_ms,
		s->status_due_ms,
		s->reload.loader.deadline_ms,
		s->upgrade.deadline_ms,
		s->reload.yield_ms,
		generations_deadline(&s->state.table),
	};
	int64_t earliest = INT64_MAX;
	size_t i;

	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (times[i] < earliest)
			earliest = times[i];
	return earliest;
}
