/*
 * Generations, as the master sees them. What one goes through (generations.h):
 *
 *	starting ──ready──▶ serving ──another is ready──▶ draining ──▶ ended
 *	    │ too late,        │ ended: replaced, at once after a life of
 *	    ▼ ended            ▼ its own, else after a delay that doubles
 *
 * SPDX-License-Identifier: ISC
 */
#include "master/master_state.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/control_protocol.h"
#include "base/signals.h"
#include "base/title.h"
#include "handover/handover.h"
#include "handover/snapshot.h"
#include "master/control.h"
#include "master/errorlog.h"
#include "master/notify.h"

/* Within which a generation must be ready, beyond twice the time that handlers
 * have to open: they are opened in the trial, too. */
#define START_MARGIN_MS 5000

/* Beyond the connections' grace, for the generation to end by itself. */
#define STOP_MARGIN_MS 2000

/* A generation that lived shorter than this is replaced after a delay. */
#define SHORT_LIFE_MS	 1000
#define FIRST_DELAY_MS	 100
#define LONGEST_DELAY_MS 5000

/* A generation that handlers crash in is not replaced more often than this. */
#define RENEWAL_MS 60000

/*
 * The program that runs now, even when the file was replaced since. The title's
 * room is made of spaces: a process can write over its arguments, not extend
 * them.
 */
static _Noreturn void
execute(const struct master *m, struct handover *handover,
    const struct basis *basis)
{
	char title[TITLE_MAX_BYTES], number[16];
	char *argv[] = { title, (char[]){ "--generation" }, number, NULL };
	int fd;

	setpgid(0, 0);
	signals_reset();
	errorlog_take(basis->error_log);
	handover->listeners = listeners_descriptors(&basis->listeners);
	handover->listener_count = basis->listeners.count;
	fd = handover->listeners ? handover_write(handover, basis->set) : -1;
	if (fd < 0)
		_exit(1);
	memset(title, ' ', sizeof(title));
	title[sizeof(title) - 1] = '\0';
	memcpy(title, "prongd: generation", strlen("prongd: generation"));
	snprintf(number, sizeof(number), "%d", fd);
	/* Plugins are bound when they are loaded, not when they are called. */
	setenv("LD_BIND_NOW", "1", 1);
	execveat(m->binary, "", argv, environ, AT_EMPTY_PATH);
	log_error("cannot execute the generation: %s", strerror(errno));
	_exit(1);
}

/* The process; -1 after logging. */
static pid_t
fork_generation(struct master *m, const struct basis *basis, int *control)
{
	struct handover handover = {
		.generation = m->generations + 1,
		.master_started = m->started,
		.log_style = errorlog_style(basis->set->error_log, m->style),
		.log_level = basis->set->log_level,
		.access_log = basis->access_log,
	};
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		log_error("cannot make a control socket: %s", strerror(errno));
		return -1;
	}
	handover.control = ends[1];
	pid = fork();
	if (pid == 0)
		execute(m, &handover, basis);
	close(ends[1]);
	if (pid < 0) {
		log_error("cannot fork a generation: %s", strerror(errno));
		close(ends[0]);
		return -1;
	}
	m->generations++;
	log_debug("fork() = %ld: generation %llu", (long)pid,
	    (unsigned long long)m->generations);
	*control = ends[0];
	return pid;
}

int64_t
master_start_time_ms(const struct snapshot *set)
{
	return 2 * set->open_timeout_ms + START_MARGIN_MS;
}

bool
master_start_generation(struct master *m, const struct basis *basis)
{
	struct generation_process *g;
	int control;
	pid_t pid = fork_generation(m, basis, &control);

	if (pid < 0)
		return false;
	g = generations_add(&m->table, pid, m->generations, control);
	g->deadline_ms = g->executed_ms + master_start_time_ms(basis->set);
	return true;
}

static void
plan_restart(struct master *m, int64_t executed_ms)
{
	int64_t now_ms = clock_ms();

	if (now_ms - executed_ms >= SHORT_LIFE_MS)
		m->delay_ms = 0;
	m->restart_ms = now_ms + m->delay_ms;
	m->delay_ms = m->delay_ms ? m->delay_ms * 2 : FIRST_DELAY_MS;
	if (m->delay_ms > LONGEST_DELAY_MS)
		m->delay_ms = LONGEST_DELAY_MS;
}

void
master_restart_generation(struct master *m)
{
	m->restart_ms = INT64_MAX;
	/* Where too many drain there is no room: one of them will end. */
	if (m->table.count == GENERATIONS_MAX ||
	    !master_start_generation(m, &m->basis))
		plan_restart(m, clock_ms());
}

int64_t
master_stop_time_ms(const struct master *m)
{
	int64_t grace_ms = m->basis.set ? m->basis.set->stop_grace_ms : 0;

	return grace_ms + STOP_MARGIN_MS;
}

void
master_drain_generation(struct master *m, struct generation_process *g,
    const struct listeners *kept)
{
	const struct listeners *now = &m->basis.listeners;
	struct protocol_message message = { .kind = PROTOCOL_DRAIN };
	size_t i;

	/* By its place in the handover. */
	for (i = 0; i < now->count && i < PROTOCOL_NUMBERS_MAX; i++)
		if (!listeners_have(kept, now->all[i].fd))
			message.numbers[message.number_count++] = i;
	log_info("generation %llu drains", (unsigned long long)g->number);
	g->phase = GENERATION_DRAINING;
	g->deadline_ms = clock_ms() + m->basis.set->drain_timeout_ms +
	    master_stop_time_ms(m);
	generations_send(g, &message);
}

/* A restart from the set before, perhaps, which would take over in its turn. */
static void
end_others_starting(struct master *m)
{
	struct generation_process *g;
	size_t i;

	for (i = 0; i < m->table.count; i++) {
		g = &m->table.all[i];
		if (g->phase != GENERATION_STARTING || g->control < 0)
			continue;
		log_info("generation %llu is not needed any more",
		    (unsigned long long)g->number);
		generations_kill(g);
	}
}

static void
generation_ready(struct master *m, struct generation_process *g)
{
	struct generation_process *before = generations_in(&m->table,
	    GENERATION_SERVING);
	bool is_reload = master_reload_is(m, g->number);

	g->phase = GENERATION_SERVING;
	g->deadline_ms = INT64_MAX;
	m->restart_ms = INT64_MAX;
	if (is_reload)
		end_others_starting(m);
	errorlog_started();
	master_tell_leave(m, g);
	if (is_reload)
		master_open_control(m, m->reload.next.set);
	log_info("generation %llu is ready", (unsigned long long)g->number);
	notify_ready("generation %llu serves", (unsigned long long)g->number);
	if (before)
		master_drain_generation(m, before,
		    is_reload ? &m->reload.next.listeners :
				&m->basis.listeners);
	if (is_reload)
		master_reload_ready(m, before ? before->number : 0);
}

/* Too many handlers crashed in it: another address space is due, before
 * somebody has guessed all of this one's. */
static void
renew(struct master *m, const struct generation_process *g)
{
	int64_t now_ms = clock_ms();

	if (m->stopping || generations_in(&m->table, GENERATION_STARTING) ||
	    m->table.count == GENERATIONS_MAX ||
	    (m->renewed_ms && now_ms - m->renewed_ms < RENEWAL_MS))
		return;
	log_warning("generation %llu is replaced: too many handlers crashed "
		    "in it",
	    (unsigned long long)g->number);
	m->renewed_ms = now_ms;
	if (!master_start_generation(m, &m->basis))
		plan_restart(m, now_ms);
}

/* What it counts and says is shown, and no more. */
static void
take_count(struct master *m, struct generation_process *g, uint64_t count)
{
	g->connections = count;
	g->has_counted = true;
	if (m->status_due_ms != INT64_MAX && generations_has_counted(&m->table))
		master_status(m);
}

/* What a generation says while it starts. One that has ended since does not take
 * over. */
static void
take_start(struct master *m, struct generation_process *g,
    const struct protocol_message *message)
{
	if (g->phase != GENERATION_STARTING)
		return;
	if (message->kind == PROTOCOL_READY && !g->has_ended)
		generation_ready(m, g);
	else if (message->kind == PROTOCOL_LOG &&
	    master_reload_is(m, g->number))
		control_say(m->control, CONTROL_RELOAD, "%s", message->text);
}

static void
take_message(struct master *m, struct generation_process *g,
    const struct protocol_message *message)
{
	switch (message->kind) {
	case PROTOCOL_COUNTED:
		take_count(m, g, message->number);
		break;
	case PROTOCOL_DRAINS:
		master_reload_yielded(m, g->number);
		break;
	case PROTOCOL_REOPENED:
		master_reopened(m, g, message->number);
		break;
	case PROTOCOL_WORN:
		if (g->phase == GENERATION_SERVING)
			renew(m, g);
		break;
	default:
		take_start(m, g, message);
		break;
	}
}

bool
master_hear_generation(struct master *m, struct generation_process *g)
{
	char buffer[PROTOCOL_MESSAGE_BYTES];
	struct protocol_message message;
	int n = protocol_receive(g->control, PROTOCOL_TO_MASTER, &message,
	    buffer);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n < 0 && errno == EBADMSG)
		return true;
	if (n <= 0) {
		/* Its end; SIGCHLD tells the rest. */
		close(g->control);
		g->control = -1;
		return false;
	}
	take_message(m, g, &message);
	return true;
}

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

void
master_generation_ended(struct master *m, struct generation_process *g,
    int status)
{
	int64_t executed_ms = g->executed_ms;
	bool is_reload;

	g->has_ended = true;
	/* What it said last tells why. */
	while (g->control >= 0 && g->phase == GENERATION_STARTING &&
	    master_hear_generation(m, g))
		continue;
	is_reload = master_reload_is(m, g->number);
	if (!m->stopping)
		log_end(g, status);
	master_reopened(m, g, m->reopenings);
	master_reload_yielded(m, g->number);
	generations_remove(&m->table, g);
	if (is_reload)
		master_reload_failed(m);
	if (m->stopping || m->failed)
		return;
	if (!generations_in(&m->table, GENERATION_SERVING) &&
	    !generations_in(&m->table, GENERATION_STARTING)) {
		plan_restart(m, executed_ms);
		log_info("the next one starts from the last good set");
	}
	master_reload_next(m);
}

void
master_check_generations(struct master *m)
{
	int64_t now_ms = clock_ms();
	size_t i;

	for (i = 0; i < m->table.count; i++) {
		struct generation_process *g = &m->table.all[i];

		if (now_ms < g->deadline_ms)
			continue;
		if (g->phase == GENERATION_STARTING) {
			log_error("generation %llu was not ready in time",
			    (unsigned long long)g->number);
			if (master_reload_is(m, g->number))
				control_say(m->control, CONTROL_RELOAD,
				    "error: generation %llu was not ready in "
				    "time",
				    (unsigned long long)g->number);
		}
		generations_kill(g);
	}
}
