/* SPDX-License-Identifier: ISC */
#include "master/server_generation.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/address.h"
#include "base/address_scope.h"
#include "base/clock.h"
#include "handover/command.h"
#include "handover/snapshot.h"
#include "master/control.h"
#include "master/errorlog.h"
#include "master/generation_message.h"
#include "master/launch.h"
#include "master/notify.h"
#include "master/server.h"
#include "master/server_bulletin.h"
#include "master/server_reload.h"
#include "master/status.h"

/*
 * Starting again.
 */

void
server_generation_restart(struct server *s)
{
	restart_cancel(&s->restart);
	/* Where too many drain there is no room: one of them will end. */
	if (s->state.table.count == GENERATIONS_MAX ||
	    !launch_generation(&s->state, &s->state.inputs))
		restart_plan(&s->restart, 0, clock_ms());
}

static bool
has_room(struct server *s)
{
	return !s->stop.is_under_way &&
	    !generations_in(&s->state.table, GENERATION_STARTING) &&
	    s->state.table.count < GENERATIONS_MAX;
}

static void
launch_next(struct server *s)
{
	if (!launch_generation(&s->state, &s->state.inputs))
		restart_plan(&s->restart, 0, clock_ms());
}

/* If too many handlers crashed in it, another address space is due, before
 * somebody has guessed all of this one's. */
static void
renew(struct server *s, const struct generation_process *g, uint64_t wear)
{
	if (!has_room(s) || !restart_renew(&s->restart, clock_ms()))
		return;
	log_warning("generation %llu is replaced: %s",
	    (unsigned long long)g->number,
	    wear == PROTOCOL_WEAR_HELPER ? "one of its helpers has ended" :
		wear == PROTOCOL_WEAR_SLOTS ?
					   "too many of its places for "
					   "connections cannot be used again" :
					   "too many handlers crashed in it");
	launch_next(s);
}

/* It cannot reach the folder that a name leads to now. */
static void
follow(struct server *s, const struct generation_process *g)
{
	if (!has_room(s) || !restart_follow(&s->restart, clock_ms()))
		return;
	log_info("generation %llu is replaced: a folder of its handlers is "
		 "another one",
	    (unsigned long long)g->number);
	launch_next(s);
}

/*
 * One that is ready.
 */

void
server_generation_drain(struct server *s, struct generation_process *g,
    const struct listeners *kept)
{
	const struct generation_inputs *inputs = &s->state.inputs;

	log_info("generation %llu drains", (unsigned long long)g->number);
	g->phase = GENERATION_DRAINING;
	g->deadline_ms = clock_ms() + inputs->set->drain_timeout_ms +
	    stop_time_ms(inputs->set);
	generation_message_drain(g, &inputs->listeners, kept, &s->activation);
}

/* Where prong(1) finds this master from now on. A default that cannot be had is
 * an ordinary user's lot. */
static void
open_control(struct control *control, const struct snapshot *set)
{
	if (!set->control)
		control_close(control);
	else
		control_open(control, set->control, set->control_group,
		    set->control_is_default && geteuid() != 0);
}

/* What the generation was made from is in force; before: the number of the one
 * that it takes over from, or 0. */
static void
take_inputs(struct server *s, uint64_t before)
{
	struct generation_inputs old = s->state.inputs;

	reload_describe(&s->reload, &old, before);
	s->state.inputs = reload_yield(&s->reload, before);
	generation_inputs_close(&old, &s->state.inputs, &s->activation);
	generation_inputs_take_log(&s->state.inputs, s->state.style);
	if (before == 0)
		server_reload_yielded(s, 0);
}

/* Of the address that a browser on this machine can open. */
static void
announce_folder(const char *folder, const struct listeners *l)
{
	struct address address;
	const char *where, *why;
	size_t i;

	for (i = 0; i < l->count; i++) {
		where = listeners_where(l, i);
		if (!address_parse_listen(where, &address, &why) ||
		    address_is_unix(&address))
			continue;
		if (!address_scope_is_any(&address))
			log_info("serving %s at http://%s/", folder, where);
		else
			log_info("serving %s at http://%s:%d/", folder,
			    address.storage.ss_family == AF_INET ? "127.0.0.1" :
								   "[::1]",
			    address_port(&address));
	}
}

static void
announce(struct server *s, struct generation_process *g)
{
	errorlog_started();
	if (stop_is_announced(&s->stop))
		generation_message_tell(g, PROTOCOL_LEAVE);
	if (reload_is_starting(&s->reload, g->number))
		open_control(s->state.control, s->reload.next.set);
	log_info("generation %llu is ready", (unsigned long long)g->number);
	if (s->command->folder && !s->state.inputs.set)
		announce_folder(s->command->folder, &s->reload.next.listeners);
	notify_ready("generation %llu serves", (unsigned long long)g->number);
}

static void
take_over(struct server *s, struct generation_process *g)
{
	const bool is_reload = reload_is_starting(&s->reload, g->number);
	const struct generation_inputs *next = is_reload ? &s->reload.next :
							   &s->state.inputs;
	struct generation_process *before = generations_in(&s->state.table,
	    GENERATION_SERVING);

	g->phase = GENERATION_SERVING;
	g->deadline_ms = INT64_MAX;
	pulse_hear(&g->pulse, clock_ms());
	restart_cancel(&s->restart);
	if (is_reload) {
		generations_end_starting(&s->state.table);
		listeners_defer(&next->listeners, next->set->defer_accept);
	}
	announce(s, g);
	if (before)
		server_generation_drain(s, before, &next->listeners);
	else
		generation_message_tell(g, PROTOCOL_SERVE);
	if (!is_reload)
		server_bulletin_enter_replacement(s, g);
	if (is_reload)
		take_inputs(s, before ? before->number : 0);
}

/*
 * What one says.
 */

void
server_generation_status(struct server *s)
{
	const char *doing = "serving";

	s->status_due_ms = INT64_MAX;
	if (s->stop.is_under_way)
		doing = "stopping";
	else if (stop_is_announced(&s->stop))
		doing = "leaving";
	else if (s->reload.phase != RELOAD_NONE)
		doing = "reloading";
	status_say(&s->state, &s->reload, doing);
}

/* It is shown, and no more. */
static void
take_count(struct server *s, struct generation_process *g, uint64_t connections)
{
	g->connections = connections;
	g->has_counted = true;
	if (s->status_due_ms != INT64_MAX &&
	    generations_has_counted(&s->state.table))
		server_generation_status(s);
}

/* The one before has drained. */
static void
tell_to_serve(struct server *s)
{
	struct generation_process *g = generations_in(&s->state.table,
	    GENERATION_SERVING);

	if (g)
		generation_message_tell(g, PROTOCOL_SERVE);
}

static void
take_message(struct server *s, struct generation_process *g,
    const struct protocol_message *m)
{
	switch (m->kind) {
	case PROTOCOL_COUNTED:
		take_count(s, g, m->number);
		break;
	case PROTOCOL_WORKERS:
		generations_note_workers(g, m->numbers, m->number_count);
		break;
	case PROTOCOL_DRAINS:
		tell_to_serve(s);
		server_reload_yielded(s, g->number);
		break;
	case PROTOCOL_REOPENED:
		reopening_end(&s->state.table, g, m->number, s->state.control);
		break;
	case PROTOCOL_READY:
		if (g->phase == GENERATION_STARTING)
			take_over(s, g);
		break;
	case PROTOCOL_LOG:
		if (reload_is_starting(&s->reload, g->number))
			control_say(s->state.control, CONTROL_RELOAD, "%s",
			    m->text);
		break;
	case PROTOCOL_MISSING:
		g->missing = m->number;
		break;
	case PROTOCOL_WORN:
		if (g->phase == GENERATION_SERVING)
			renew(s, g, m->number);
		break;
	case PROTOCOL_MOVED:
		if (g->phase == GENERATION_SERVING)
			follow(s, g);
		break;
	default:
		break;
	}
}

void
server_generation_hear(struct server *s, struct generation_process *g)
{
	char buffer[PROTOCOL_MESSAGE_BYTES];
	struct protocol_message message;

	if (!generation_message_receive(g, &message, buffer))
		return;
	pulse_hear(&g->pulse, clock_ms());
	take_message(s, g, &message);
}

/*
 * Its end.
 */

static void
log_end(const struct generation_process *g, int status)
{
	unsigned long long number = g->number;

	if (WIFSIGNALED(status))
		log_error("generation %llu (process %ld) was ended by signal "
			  "%d (%s)",
		    number, (long)g->pid, WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else if (g->phase == GENERATION_STARTING)
		log_error("generation %llu did not become ready", number);
	else if (g->phase == GENERATION_SERVING || WEXITSTATUS(status) != 0)
		log_error("generation %llu (process %ld) ended with status %d",
		    number, (long)g->pid, WEXITSTATUS(status));
	else
		log_info("generation %llu has drained", number);
}

/* What it said last tells why. It does not take over any more. */
static void
hear_last_messages(struct server *s, struct generation_process *g)
{
	char buffer[PROTOCOL_MESSAGE_BYTES];
	struct protocol_message message;

	while (g->control >= 0 && g->phase == GENERATION_STARTING &&
	    generation_message_receive(g, &message, buffer))
		if (message.kind != PROTOCOL_READY)
			take_message(s, g, &message);
}

static void
replace(struct server *s, int64_t lived_ms)
{
	if (generations_in(&s->state.table, GENERATION_SERVING) ||
	    generations_in(&s->state.table, GENERATION_STARTING))
		return;
	restart_plan(&s->restart, lived_ms, clock_ms());
	log_info("the next one starts from the last good set");
}

void
server_generation_ended(struct server *s, struct generation_process *g,
    int status)
{
	int64_t lived_ms = clock_ms() - g->executed_ms;
	bool is_reload;

	hear_last_messages(s, g);
	is_reload = reload_is_starting(&s->reload, g->number);
	if (!s->stop.is_under_way)
		log_end(g, status);
	reopening_end(&s->state.table, g, s->reopening.count, s->state.control);
	server_reload_yielded(s, g->number);
	generations_remove(&s->state.table, g);
	if (is_reload)
		server_reload_fail(s);
	if (s->stop.is_under_way || server_reload_first_failed(s))
		return;
	replace(s, lived_ms);
	server_reload_next(s);
}

/* It may never end, in a system call that nothing interrupts, so that its end is
 * not waited for. Connections that it has forked go on, as after a crash. */
static void
end_hung(struct server *s, struct generation_process *g)
{
	bool has_served = g->phase == GENERATION_SERVING;

	log_error("generation %llu (process %ld) hangs, since it has not "
		  "responded for %d s: killed",
	    (unsigned long long)g->number, (long)g->pid,
	    PULSE_PATIENCE_MS / 1000);
	s->state.hung++;
	generations_end_hung(g);
	g->phase = GENERATION_DRAINING;
	reopening_end(&s->state.table, g, s->reopening.count, s->state.control);
	server_reload_yielded(s, g->number);
	if (has_served && !s->stop.is_under_way)
		replace(s, clock_ms() - g->executed_ms);
}

static void
check_pulse(struct server *s, struct generation_process *g)
{
	if (!generations_is_awake(g))
		return;
	switch (pulse_check(&g->pulse, clock_ms())) {
	case PULSE_ASK:
		generation_message_tell(g, PROTOCOL_COUNT);
		break;
	case PULSE_STOPPED:
		end_hung(s, g);
		break;
	case PULSE_BEATS:
	default:
		break;
	}
}

static void
log_lateness(struct server *s, const struct generation_process *g)
{
	unsigned long long number = g->number;

	log_error("generation %llu was not ready in time", number);
	if (reload_is_starting(&s->reload, g->number))
		control_say(s->state.control, CONTROL_RELOAD,
		    "error: generation %llu was not ready in time", number);
}

void
server_generation_check(struct server *s)
{
	int64_t now_ms = clock_ms();
	size_t i;

	for (i = 0; i < s->state.table.count; i++) {
		struct generation_process *g = &s->state.table.all[i];

		check_pulse(s, g);
		if (now_ms < g->deadline_ms)
			continue;
		if (g->phase == GENERATION_STARTING)
			log_lateness(s, g);
		generations_kill(g);
	}
}
