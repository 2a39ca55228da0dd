/* SPDX-License-Identifier: ISC */
#include "master/upgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/log.h"
#include "base/ownership.h"
#include "handover/protocol.h"
#include "handover/snapshot.h"
#include "master/activation.h"
#include "master/child.h"
#include "master/control.h"
#include "master/master_state.h"
#include "master/notify.h"

/* For the proof, beyond the time that handlers have to open. */
#define PROOF_MARGIN_MS 50000

#define ARGUMENTS_MAX	1024

bool
upgrade_is_under_way(const struct upgrade *u)
{
	return u->pid > 0 || u->has_proved;
}

void
upgrade_fail(struct upgrade *u, struct control *control, const char *why)
{
	log_error("the upgrade has failed: %s; this release goes on", why);
	control_say(control, CONTROL_UPGRADE,
	    "the upgrade has failed: %s; release %s goes on", why,
	    PRONG_VERSION);
	control_end(control, CONTROL_UPGRADE, 1);
	if (u->pid > 0)
		kill(u->pid, SIGKILL);
	descriptor_close(u->socket);
	descriptor_close(u->program);
	*u = UPGRADE_NONE;
}

/*
 * The proof.
 */

static bool
arguments_for_proof(char *const *own, char *argv[ARGUMENTS_MAX], char *option,
    char *numbers)
{
	size_t i;

	argv[0] = own[0];
	argv[1] = option;
	argv[2] = numbers;
	for (i = 1; own[i] && i + 3 < ARGUMENTS_MAX; i++)
		argv[i + 2] = own[i];
	argv[i + 2] = NULL;
	return !own[i];
}

static _Noreturn void
prove(int program, struct master_state *state, char *const *arguments,
    int socket)
{
	char option[] = "--prove", numbers[32];
	char *argv[ARGUMENTS_MAX];
	int fd = master_state_write(state);

	snprintf(numbers, sizeof(numbers), "%d,%d", fd, socket);
	fcntl(socket, F_SETFD, 0);
	if (!arguments_for_proof(arguments, argv, option, numbers))
		errno = E2BIG;
	else if (fd >= 0)
		execveat(program, "", argv, environ, AT_EMPTY_PATH);
	if (fd >= 0)
		log_error("cannot execute %s: %s", state->program,
		    strerror(errno));
	_exit(127);
}

const char *
upgrade_begin(struct upgrade *u, struct master_state *state,
    char *const *arguments)
{
	char text[OWNERSHIP_TEXT_BYTES];
	int saved;

	u->is_wanted = false;
	u->program = ownership_open(state->program, text);
	if (u->program < 0) {
		log_error("%s", text);
		saved = errno;
		control_say(state->control, CONTROL_UPGRADE, "error: %s", text);
		return saved == EPERM ? "others can change the program" :
					"the program cannot be opened";
	}
	log_info("trying %s", state->program);
	u->pid = child_fork_helper(&u->socket);
	if (u->pid == 0)
		prove(u->program, state, arguments, u->socket);
	if (u->pid < 0) {
		control_say(state->control, CONTROL_UPGRADE, "error: %s",
		    strerror(errno));
		return "no process can be started";
	}
	u->deadline_ms = clock_ms() + PROOF_MARGIN_MS +
	    state->inputs.set->open_timeout_ms;
	return NULL;
}

bool
upgrade_receive(struct upgrade *u, struct control *control)
{
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
		control_say(control, CONTROL_UPGRADE, "%s", message.text);
	return true;
}

void
upgrade_end_proof(struct upgrade *u, struct control *control,
    bool has_succeeded)
{
	while (upgrade_receive(u, control))
		continue;
	u->pid = 0;
	u->deadline_ms = INT64_MAX;
	u->has_proved = has_succeeded;
}

/*
 * The exec.
 */

/* This release goes on with what was prepared for the next one. */
static void
take_back(struct activation *passed, int state)
{
	unsetenv(UPGRADE_RESUME);
	activation_withdraw(passed);
	notify_init();
	descriptor_close(state);
	descriptor_end_with_exec(3);
}

int
upgrade_execute(const struct upgrade *u, struct master_state *state,
    char *const *arguments, struct activation *passed)
{
	char number[16];
	int fd = master_state_write(state), saved;

	snprintf(number, sizeof(number), "%d", fd);
	if (fd >= 0 && setenv(UPGRADE_RESUME, number, 1) == 0 &&
	    activation_export(passed) == 0 && notify_export() == 0)
		execveat(u->program, "", arguments, environ, AT_EMPTY_PATH);
	saved = errno;
	take_back(passed, fd);
	return saved;
}
