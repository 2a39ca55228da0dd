/*
 * The master's loop waits for a word or the end of a generation, for what is
 * read for a reload, for prong(1), a signal, a time. See master_state.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "master/master.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ratelimit.h"
#include "base/signals.h"
#include "handover/command.h"
#include "handover/snapshot.h"
#include "master/control.h"
#include "master/errorlog.h"
#include "master/master_state.h"
#include "master/notify.h"

/* For this process to end its children, when they do not end by themselves. */
#define STOP_MARGIN_MS 2000

/* How long this process sleeps where it cannot be told when to wake. */
#define BLIND_MS 500

void
master_take_log(const struct master *m, const struct basis *basis)
{
	const struct snapshot *set = basis->set;

	if (errorlog_take(basis->error_log) < 0)
		log_error("cannot log to %s: %s", set->error_log,
		    strerror(errno));
	log_open(errorlog_style(set->error_log, m->style), set->log_level);
}

static bool
reap(struct master *m)
{
	struct generation_process *g;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		/* Its socket tells the rest. */
		if (pid == m->reload.loader.pid)
			m->reload.loader.pid = 0;
		if (pid == m->upgrade.pid)
			master_upgrade_proved(m, status == 0);
		g = generations_find(&m->table, pid);
		if (g)
			master_generation_ended(m, g, status);
	}
	return pid == 0;
}

/* Every process that is left, by the kernel's own list: each is a child not
 * yet waited for, so none of the numbers can mean another process. */
static void
kill_children(const struct master *m)
{
	char path[64];
	size_t i;
	long pid;
	FILE *f;

	for (i = 0; i < m->table.count; i++)
		kill(-m->table.all[i].pid, SIGKILL);
	snprintf(path, sizeof(path), "/proc/self/task/%ld/children",
	    (long)getpid());
	f = fopen(path, "re");
	if (!f)
		return;
	while (fscanf(f, "%ld", &pid) == 1)
		kill((pid_t)pid, SIGKILL);
	fclose(f);
}

/* What both ways to stop have in common; grace_ms: beyond stop_grace. */
static void
begin_stop(struct master *m, int64_t grace_ms)
{
	m->stopping = true;
	m->leave_ms = INT64_MAX;
	m->restart_ms = INT64_MAX;
	grace_ms += master_stop_time_ms(m);
	m->stop_deadline_ms = clock_ms() + grace_ms;
	m->reload.again = false;
	control_say(m->control, CONTROL_NEXT_RELOAD,
	    "error: prongd is stopping");
	control_end(m->control, CONTROL_NEXT_RELOAD, 1);
	log_info("stopping");
	notify_stopping(grace_ms + STOP_MARGIN_MS);
	master_upgrade_give_up(m);
	master_reload_failed(m);
}

/* One that is not yet serving has nothing to finish. */
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
master_stop(struct master *m)
{
	size_t i;

	if (m->stopping) {
		m->stop_deadline_ms = clock_ms();
		return;
	}
	begin_stop(m, 0);
	listeners_close(&m->basis.listeners, NULL, &m->activation);
	for (i = 0; i < m->table.count; i++)
		if (!end_if_starting(&m->table.all[i]))
			generations_tell(&m->table.all[i], PROTOCOL_STOP);
}

/* Idle connections, too, are given the time, until drain_timeout, and are told to
 * close with their next answer. */
static void
leave(struct master *m)
{
	static const struct listeners none;
	size_t i;

	if (m->stopping)
		return;
	begin_stop(m, m->basis.set->drain_timeout_ms);
	for (i = 0; i < m->table.count; i++)
		if (!end_if_starting(&m->table.all[i]))
			master_drain_generation(m, &m->table.all[i], &none);
	listeners_close(&m->basis.listeners, NULL, &m->activation);
}

void
master_tell_leave(const struct master *m, const struct generation_process *g)
{
	if (m->leave_ms != INT64_MAX)
		generations_tell(g, PROTOCOL_LEAVE);
}

static void
check_deadlines(struct master *m)
{
	int64_t now_ms = clock_ms();

	if (now_ms >= m->stop_deadline_ms) {
		kill_children(m);
		m->stop_deadline_ms = now_ms + master_stop_time_ms(m);
	}
	if (now_ms >= m->leave_ms)
		leave(m);
	if (now_ms >= m->restart_ms)
		master_restart_generation(m);
	if (now_ms >= m->status_due_ms)
		master_status(m);
	master_check_generations(m);
	if (now_ms >= m->reload.loader.deadline_ms)
		master_reload_polled(m);
	if (now_ms >= m->reload.yield_ms)
		master_reload_yielded(m, m->reload.before);
	if (now_ms >= m->upgrade.deadline_ms)
		master_upgrade_polled(m);
	master_upgrade_next(m);
	master_reopen_next(m);
}

static void
take_signals(struct master *m)
{
	if (signals_take(SIGTERM) || signals_take(SIGINT))
		master_stop(m);
	if (signals_take(SIGHUP))
		master_reload(m);
	if (signals_take(SIGUSR1))
		master_reopen(m);
}

static int64_t
earliest(const struct master *m)
{
	const int64_t times[] = {
		m->stop_deadline_ms,
		m->leave_ms,
		m->restart_ms,
		m->status_due_ms,
		m->reload.loader.deadline_ms,
		m->upgrade.deadline_ms,
		m->reload.yield_ms,
		generations_deadline(&m->table),
		notify_alive(clock_ms()),
		control_deadline(m->control),
	};
	int64_t result = INT64_MAX;
	size_t i;

	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (times[i] < result)
			result = times[i];
	return result;
}

/* Those whose words have come. One may end, and others come, meanwhile. */
static void
hear_generations(struct master *m, const struct pollfd *fds, const pid_t *pids,
    size_t count)
{
	struct generation_process *g;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!fds[i].revents)
			continue;
		g = generations_find(&m->table, pids[i]);
		if (g && g->control >= 0)
			master_hear_generation(m, g);
	}
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
		log_error("cannot wait for %zu descriptors: %s", count,
		    strerror(errno));
	signals_poll(NULL, 0, clock_ms() + BLIND_MS);
	for (i = 0; i < count; i++)
		fds[i].revents = fds[i].fd >= 0 ? POLLIN : 0;
}

static void
wait_for_words(struct master *m)
{
	struct pollfd fds[GENERATIONS_MAX + 2 + CONTROL_POLL_MAX];
	pid_t pids[GENERATIONS_MAX];
	size_t i, count = m->table.count, n = count;
	size_t asking;

	for (i = 0; i < count; i++) {
		fds[i] = (struct pollfd){ .fd = m->table.all[i].control,
			.events = POLLIN };
		pids[i] = m->table.all[i].pid;
	}
	fds[n++] = (struct pollfd){ .fd = m->reload.loader.socket,
		.events = POLLIN };
	fds[n++] = (struct pollfd){ .fd = m->upgrade.socket, .events = POLLIN };
	asking = n;
	n += control_poll_set(m->control, fds + n);
	if (signals_poll(fds, n, earliest(m)) < 0)
		wait_blindly(fds, n);
	hear_generations(m, fds, pids, count);
	if (fds[count].revents)
		master_reload_polled(m);
	if (fds[count + 1].revents)
		master_upgrade_polled(m);
	control_polled(m->control, fds + asking);
}

static bool
serve(struct master *m)
{
	bool children = true;

	while (!m->failed && !(m->stopping && !children)) {
		wait_for_words(m);
		take_signals(m);
		children = reap(m);
		master_obey(m);
		check_deadlines(m);
	}
	return !m->failed;
}

/* As it was named, so that a link can be switched to another release; from
 * where the folder is now, which may be another one later. */
static char *
find_program(const struct master *m)
{
	const char *named = m->command->arguments[0];
	char path[PATH_MAX], *folder, *program = NULL;
	ssize_t n;

	if (named[0] == '/')
		return strdup(named);
	folder = getcwd(NULL, 0);
	if (strchr(named, '/') && folder &&
	    asprintf(&program, "%s/%s", folder, named) < 0)
		program = NULL;
	free(folder);
	if (program)
		return program;
	n = readlink("/proc/self/exe", path, sizeof(path));
	return n > 0 ? strndup(path, (size_t)n) : NULL;
}

static bool
open_binary(struct master *m)
{
	m->binary = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	if (m->binary >= 0 && !m->program)
		m->program = find_program(m);
	if (m->binary >= 0 && m->program)
		return true;
	log_error("cannot open /proc/self/exe: %s", strerror(errno));
	return false;
}

/* From nothing, or from what an earlier release has left. */
static bool
open_all(struct master *m)
{
	const char *state = getenv(MASTER_RESUME);

	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	/* What this process was started with is not its children's business. */
	if (!state)
		close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	if (activation_take(&m->activation) < 0)
		return false;
	if (state) {
		unsetenv(MASTER_RESUME);
		if (!master_read_state(m, atoi(state)))
			return false;
	} else {
		m->control = control_new();
		errorlog_init(STDERR_FILENO);
	}
	if (!m->control) {
		log_error("cannot make the control socket: %s",
		    strerror(errno));
		return false;
	}
	return open_binary(m);
}

/* Reads the disk; what an earlier release has read serves until then. */
static void
begin(struct master *m)
{
	if (m->basis.set) {
		master_take_log(m, &m->basis);
		log_info("prongd %s has taken over", PRONG_VERSION);
		control_say(m->control, CONTROL_UPGRADE,
		    "prongd %s has taken "
		    "over",
		    PRONG_VERSION);
		control_move(m->control, CONTROL_UPGRADE, CONTROL_NEXT_RELOAD);
		/* Those that have ended meanwhile, and what was planned. */
		reap(m);
		if (!generations_in(&m->table, GENERATION_SERVING) &&
		    !generations_in(&m->table, GENERATION_STARTING))
			m->restart_ms = clock_ms();
	}
	master_reload(m);
}

static void
close_all(struct master *m)
{
	struct basis *basis = &m->basis;

	if (m->control) {
		control_end(m->control, CONTROL_STOP, 0);
		control_end(m->control, CONTROL_STOP_NOW, 0);
		control_end(m->control, CONTROL_DRAIN, 0);
		control_close(m->control);
		control_drop(m->control);
	}
	master_basis_close(m, basis, NULL);
	activation_free(&m->activation);
	free(m->program);
}

int
master_run(const struct command *command)
{
	static struct master m = {
		.basis = { .access_log = -1, .error_log = -1 },
		.reload = { .loader = { .socket = -1,
				.deadline_ms = INT64_MAX },
		    .next = { .access_log = -1, .error_log = -1 },
		    .yield_ms = INT64_MAX },
		.upgrade = { .socket = -1,
		    .program = -1,
		    .deadline_ms = INT64_MAX },
		.stop_deadline_ms = INT64_MAX,
		.leave_ms = INT64_MAX,
		.restart_ms = INT64_MAX,
		.status_due_ms = INT64_MAX,
	};
	bool ok;

	m.command = command;
	m.style = log_style_stderr();
	m.started = time(NULL);
	signals_open();
	ok = open_all(&m);
	if (ok) {
		begin(&m);
		ok = serve(&m);
	}
	close_all(&m);
	if (ok)
		log_info("stopped");
	else
		errorlog_failed();
	return ok ? 0 : 1;
}
