/*
 * The master's process: its start, its loop, its end. The loop waits for messages
 * of generations, of the loader and of prong(1), for the end of a child, a signal,
 * a time; server.h decides what follows.
 *
 * SPDX-License-Identifier: ISC
 */
#include "master/master.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/annals.h"
#include "base/bulletin.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/ratelimit.h"
#include "base/refused.h"
#include "base/requirements.h"
#include "base/signals.h"
#include "handover/command.h"
#include "master/control.h"
#include "master/errorlog.h"
#include "master/notify.h"
#include "master/program.h"
#include "master/server.h"
#include "master/server_bulletin.h"
#include "master/server_reload.h"

/* How long this process sleeps where it cannot be told when to wake. */
#define BLIND_MS 500

/* Fewer do not suffice to start. */
#define DESCRIPTORS_MIN 32

/*
 * The loop.
 */

/* Whether there are children left. */
static bool
reap(struct server *s)
{
	static struct ratelimit blind;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		server_end_child(s, pid, status);
	if (pid < 0 && errno != ECHILD && errno != EINTR &&
	    ratelimit_allows(&blind))
		log_error("cannot wait for ended processes: %s%s",
		    strerror(errno), refused_hint(errno));
	return pid == 0;
}

static void
take_signals(struct server *s)
{
	if (signals_take(SIGTERM) || signals_take(SIGINT))
		server_stop(s);
	if (signals_take(SIGHUP))
		server_reload(s);
	if (signals_take(SIGUSR1))
		server_reopen(s);
	if (signals_take(SIGUSR2))
		server_upgrade(s);
}

static void
take_requests(struct server *s)
{
	struct control_request request;

	while (control_take(s->state.control, &request))
		server_obey(s, &request);
}

static int64_t
deadline(const struct server *s)
{
	return clock_earlier(server_deadline(s),
	    clock_earlier(notify_alive(clock_ms()),
		control_deadline(s->state.control)));
}

/* More are polled than may be open (RLIMIT_NOFILE was lowered), or there is no
 * memory: each is tried as if something had come, once in a while. The service
 * does not end for that. */
static void
wait_blindly(struct pollfd *fds, size_t count)
{
	static struct ratelimit complaint;
	size_t i;

	if (ratelimit_allows(&complaint))
		log_error("cannot wait for %zu descriptors: %s%s", count,
		    strerror(errno), refused_hint(errno));
	signals_sleep(BLIND_MS);
	for (i = 0; i < count; i++)
		fds[i].revents = fds[i].fd >= 0 ? POLLIN : 0;
}

/* Descriptors that are polled: of the generations, the loader, the proof of an
 * upgrade, the control socket. */
struct polled {
	struct pollfd fds[GENERATIONS_MAX + 2 + CONTROL_POLL_MAX];
	pid_t generations[GENERATIONS_MAX];
	size_t generation_count; /* the loader's is the next one */
	size_t control;		 /* the first one of the control socket */
	size_t count;
};

static void
add(struct polled *p, int fd)
{
	p->fds[p->count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

static void
fill(struct polled *p, struct server *s)
{
	const struct generations *table = &s->state.table;
	size_t i;

	p->count = 0;
	for (i = 0; i < table->count; i++) {
		add(p, table->all[i].control);
		p->generations[i] = table->all[i].pid;
	}
	p->generation_count = table->count;
	add(p, s->reload.loader.socket);
	add(p, s->upgrade.socket);
	p->control = p->count;
	p->count += control_poll_set(s->state.control, p->fds + p->count);
}

/* A generation may end, and others come, meanwhile. */
static void
wait_for_messages(struct server *s)
{
	struct polled p;
	size_t i;

	fill(&p, s);
	if (signals_poll(p.fds, p.count, deadline(s)) < 0)
		wait_blindly(p.fds, p.count);
	for (i = 0; i < p.generation_count; i++)
		if (p.fds[i].revents)
			server_hear_generation(s, p.generations[i]);
	if (p.fds[p.generation_count].revents)
		server_reload_hear(s);
	if (p.fds[p.generation_count + 1].revents)
		server_hear_proof(s);
	control_polled(s->state.control, p.fds + p.control);
}

static bool
serve(struct server *s)
{
	bool children = true;

	while (!server_reload_first_failed(s) &&
	    !(s->stop.is_under_way && (!children || s->stop.gives_up))) {
		wait_for_messages(s);
		take_signals(s);
		children = reap(s);
		take_requests(s);
		server_check_deadlines(s);
		server_bulletin_tell(s);
	}
	return !server_reload_first_failed(s);
}

/*
 * The start and the end.
 */

static bool
open_program(struct server *s)
{
	struct master_state *state = &s->state;

	state->binary = program_open();
	if (state->binary >= 0 && !state->program)
		state->program = program_path(s->command->arguments[0]);
	if (state->binary >= 0 && state->program)
		return true;
	log_error("cannot open /proc/self/exe: %s", strerror(errno));
	return false;
}

/* Without it the status says less. */
static void
open_bulletin(struct master_state *state)
{
	const int before = state->bulletin_fd;

	state->bulletin_fd = bulletin_new(&state->bulletin, before);
	if (state->bulletin_fd < 0)
		log_warning("the status does not show reloads: %s",
		    strerror(errno));
	descriptor_close(before);
}

/* From nothing, or from what an earlier release has left. */
static bool
open_state(struct server *s, const char *resumed)
{
	if (resumed) {
		unsetenv(UPGRADE_RESUME);
		s->state.has_resumed = true;
		return master_state_read(&s->state, atoi(resumed));
	}
	errorlog_init(STDERR_FILENO);
	s->state.control = control_new();
	s->state.totals = annals_new();
	if (s->state.control && s->state.totals >= 0)
		return true;
	log_error("cannot make the control socket and the totals: %s",
	    strerror(errno));
	return false;
}

/* Poll takes no more descriptors than may be open. */
static bool
has_descriptors(void)
{
	const size_t limit = descriptor_limit();

	if (limit >= DESCRIPTORS_MIN)
		return true;
	log_error("the hard limit of open files is %zu; possible: at least 64 "
		  "(ulimit -n, LimitNOFILE=), and a few more than "
		  "max_connections",
	    limit);
	return false;
}

static bool
open_all(struct server *s)
{
	const char *resumed = getenv(UPGRADE_RESUME);

	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	/* What this process was started with is not its children's business. */
	if (!resumed)
		descriptor_end_with_exec(3);
	return (resumed || (requirements_hold() && has_descriptors())) &&
	    activation_take(&s->activation) == 0 && open_state(s, resumed) &&
	    open_program(s);
}

/* What the earlier release has read serves until the disk is read. */
static void
take_over(struct server *s)
{
	struct control *control = s->state.control;

	generation_inputs_take_log(&s->state.inputs, s->state.style);
	log_info("prongd %s has taken over", PRONG_VERSION);
	control_say(control, CONTROL_UPGRADE, "prongd %s has taken over",
	    PRONG_VERSION);
	control_move(control, CONTROL_UPGRADE, CONTROL_NEXT_RELOAD);
	/* Those that have ended meanwhile, and what was planned. */
	reap(s);
	server_resume(s);
}

static void
close_all(struct server *s)
{
	struct control *control = s->state.control;

	if (control) {
		control_end(control, CONTROL_STOP, 0);
		control_end(control, CONTROL_STOP_NOW, 0);
		control_end(control, CONTROL_DRAIN, 0);
		control_close(control);
	}
	generation_inputs_close(&s->state.inputs, NULL, &s->activation);
	master_state_drop(&s->state);
	activation_free(&s->activation);
}

int
master_run(const struct command *command)
{
	static struct server s;
	bool ok;

	s = SERVER_INITIAL;
	s.command = command;
	s.state.style = log_style_stderr();
	s.state.started = time(NULL);
	s.state.started_ms = clock_ms();
	ok = signals_open() == 0 && open_all(&s);
	if (ok) {
		open_bulletin(&s.state);
		if (s.state.inputs.set)
			take_over(&s);
		server_reload(&s);
		ok = serve(&s);
	}
	close_all(&s);
	if (ok)
		log_info("stopped");
	else
		errorlog_failed();
	return ok ? 0 : 1;
}
