/*
 * Another release in the master's place: the same process, so the same number,
 * children and listeners. After execve there is no way back, so the new program
 * first proves itself as a child: it must understand the arguments and the state
 * that it would begin with, and find nothing wrong with configuration and
 * handlers. Then it is executed, goes on from that state, and reloads.
 *
 * What is asked for while the proof is under way waits: a reload or a reopening
 * would be half done when the other release begins. To stop ends the proof.
 *
 * SPDX-License-Identifier: ISC
 */
#include "master/master_state.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/control_protocol.h"
#include "base/signals.h"
#include "config/configuration.h"
#include "config/report.h"
#include "handover/command.h"
#include "handover/snapshot.h"
#include "master/control.h"
#include "master/errorlog.h"
#include "master/master.h"
#include "master/notify.h"
#include "plugin/plugin_check.h"

/* For the proof, beyond the time that handlers have to open. */
#define PROOF_MARGIN_MS 50000

/*
 * The proof, in the new program.
 */

static void
drop_descriptor(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* Handlers are tried in a fork of this process, and none of it is theirs. Not
 * listeners_close, which would remove sockets that are in use. */
static void
drop_state(struct master *m)
{
	struct basis *b = &m->basis;
	size_t i;

	for (i = 0; i < b->listeners.count; i++) {
		close(b->listeners.all[i].fd);
		free(b->listeners.all[i].text);
	}
	free(b->listeners.all);
	for (i = 0; i < m->table.count; i++)
		drop_descriptor(m->table.all[i].control);
	drop_descriptor(b->access_log);
	drop_descriptor(b->error_log);
	drop_descriptor(errorlog_original());
	snapshot_free(b->set);
	if (m->control)
		control_drop(m->control);
	free(m->program);
}

int
master_prove(const struct command *command)
{
	static struct master m = { .basis.access_log = -1,
		.basis.error_log = -1 };
	struct report report = { 0 };
	struct configuration *c;
	bool ok;

	log_copy_to(command->copy);
	ok = master_read_state(&m, command->descriptor);
	drop_state(&m);
	if (!ok)
		return 1;
	c = loader_configuration(command, &report);
	ok = c && plugin_check_all(c, &report) == 0;
	configuration_free(c);
	return ok ? 0 : 1;
}

/*
 * The old one.
 */

static bool
arguments_for_proof(const struct master *m, char *argv[], size_t max,
    char *option, char *numbers)
{
	char **own = m->command->arguments;
	size_t i;

	argv[0] = own[0];
	argv[1] = option;
	argv[2] = numbers;
	for (i = 1; own[i] && i + 3 < max; i++)
		argv[i + 2] = own[i];
	argv[i + 2] = NULL;
	return !own[i];
}

/* It holds what keeps the service alive, so it must not outlive the master. */
static _Noreturn void
prove(struct master *m, int program, int socket, pid_t master)
{
	char option[] = "--prove", numbers[32];
	char *argv[1024];
	int state;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != master)
		_exit(127);
	signals_reset();
	log_copy_to(socket);
	state = master_write_state(m);
	snprintf(numbers, sizeof(numbers), "%d,%d", state, socket);
	fcntl(socket, F_SETFD, 0);
	if (!arguments_for_proof(m, argv, sizeof(argv) / sizeof(argv[0]),
		option, numbers))
		errno = E2BIG;
	else if (state >= 0)
		execveat(program, "", argv, environ, AT_EMPTY_PATH);
	if (state >= 0)
		log_error("cannot execute %s: %s", m->program, strerror(errno));
	_exit(127);
}

bool
master_upgrade_is_under_way(const struct master *m)
{
	return m->upgrade.pid > 0 || m->upgrade.has_proved;
}

/* What has waited for it goes on. */
static void
fail(struct master *m, const char *why)
{
	struct upgrade *u = &m->upgrade;

	log_error("the upgrade has failed: %s; this release goes on", why);
	control_say(m->control, CONTROL_UPGRADE,
	    "the upgrade has failed: %s; "
	    "release %s goes on",
	    why, PRONG_VERSION);
	control_end(m->control, CONTROL_UPGRADE, 1);
	if (u->pid > 0)
		kill(u->pid, SIGKILL);
	drop_descriptor(u->socket);
	drop_descriptor(u->program);
	*u = MASTER_NO_UPGRADE;
	master_reload_next(m);
}

void
master_upgrade_give_up(struct master *m)
{
	if (m->upgrade.is_wanted || master_upgrade_is_under_way(m))
		fail(m, "prongd is stopping");
}

/* False after telling why. */
static bool
start_proof(struct master *m)
{
	struct upgrade *u = &m->upgrade;
	pid_t master = getpid();
	int ends[2];

	u->program = open(m->program, O_PATH | O_CLOEXEC);
	if (u->program < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		control_say(m->control, CONTROL_UPGRADE, "error: %s: %s",
		    m->program, strerror(errno));
		fail(m, "the program cannot be opened");
		return false;
	}
	log_info("trying %s", m->program);
	u->pid = fork();
	if (u->pid == 0)
		prove(m, u->program, ends[1], master);
	close(ends[1]);
	u->socket = ends[0];
	if (u->pid > 0)
		return true;
	control_say(m->control, CONTROL_UPGRADE, "error: %s", strerror(errno));
	fail(m, "no process can be started");
	return false;
}

/* Asked for again meanwhile it is the same one. */
void
master_upgrade(struct master *m)
{
	struct upgrade *u = &m->upgrade;

	if (master_upgrade_is_under_way(m))
		return;
	if (m->stopping || m->leave_ms != INT64_MAX || !m->basis.set) {
		fail(m, "prongd is stopping or starting");
		return;
	}
	/* A generation that starts belongs to this release. */
	u->is_wanted = true;
	if (m->reload.phase != RELOAD_NONE ||
	    generations_is_reopening(&m->table) ||
	    generations_in(&m->table, GENERATION_STARTING))
		return;
	u->is_wanted = false;
	if (start_proof(m))
		u->deadline_ms = clock_ms() + PROOF_MARGIN_MS +
		    m->basis.set->open_timeout_ms;
}

/* Whether there was one. */
static bool
take_message(struct master *m)
{
	struct upgrade *u = &m->upgrade;
	char buffer[PROTOCOL_MESSAGE_BYTES];
	struct protocol_message message;
	int n;

	if (u->socket < 0)
		return false;
	n = protocol_receive(u->socket, PROTOCOL_TO_MASTER, &message, buffer);
	if (n < 0)
		return errno == EBADMSG;
	if (n == 0) {
		/* Its end; the status tells the rest. */
		close(u->socket);
		u->socket = -1;
		return false;
	}
	if (message.kind == PROTOCOL_LOG)
		control_say(m->control, CONTROL_UPGRADE, "%s", message.text);
	return true;
}

void
master_upgrade_polled(struct master *m)
{
	take_message(m);
	if (clock_ms() >= m->upgrade.deadline_ms)
		fail(m, "its proof takes too long");
}

void
master_upgrade_proved(struct master *m, bool has_succeeded)
{
	while (take_message(m))
		continue;
	m->upgrade.pid = 0;
	m->upgrade.deadline_ms = INT64_MAX;
	m->upgrade.has_proved = has_succeeded;
	if (!has_succeeded)
		fail(m, "the new program finds something wrong");
}

/* It did not come to it. */
static void
keep_from_exec(struct master *m, int state)
{
	unsetenv(MASTER_RESUME);
	activation_withdraw(&m->activation);
	notify_init();
	drop_descriptor(state);
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
}

/* Comes back only when it could not. What is asked for from here on waits in
 * sockets, and signals are blocked: both are still there afterwards. */
static void
execute(struct master *m)
{
	char number[16];
	int state, saved;

	if (m->status_due_ms != INT64_MAX)
		master_status(m);
	if (m->wants_reopen)
		raise(SIGUSR1);
	state = master_write_state(m);
	snprintf(number, sizeof(number), "%d", state);
	if (state >= 0 && setenv(MASTER_RESUME, number, 1) == 0 &&
	    activation_export(&m->activation) == 0 && notify_export() == 0)
		execveat(m->upgrade.program, "", m->command->arguments, environ,
		    AT_EMPTY_PATH);
	saved = errno;
	keep_from_exec(m, state);
	fail(m, strerror(saved));
}

void
master_upgrade_next(struct master *m)
{
	if (m->upgrade.has_proved) {
		log_info("%s takes over", m->program);
		execute(m);
	} else if (m->upgrade.is_wanted && !m->stopping)
		master_upgrade(m);
}
