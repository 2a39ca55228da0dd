/*
 * Plugin check. Its child is the trial (plugin_trial.h). Both exchange messages
 * over a socket that keeps them apart. The child runs code of plugins, so the
 * parent does not trust its messages: an index is checked, a path must be in the
 * configuration, and all else is only counted or reported.
 *
 * SPDX-License-Identifier: ISC
 */
#include "plugin/plugin_check.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/fdpass.h"
#include "base/identity.h"
#include "base/log.h"
#include "base/quantity.h"
#include "base/refused.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/report.h"
#include "config/sources.h"
#include "plugin/plugin_set.h"
#include "plugin/plugin_trial.h"
#include "plugin/secrets.h"

#define SECRETS_MAX 256
#define SLOW_PART   4 /* of the time in one step: that handler's fault */

/* How often the child is looked at where there is no pidfd of it: the kernel is
 * older, a policy refuses it, or this is valgrind's. */
#define BLIND_MS 20

struct check {
	struct configuration *configuration;
	struct secrets *secrets;
	struct report *report;
	bool is_full; /* for prongd -t: also warnings */
	int socket;
	pid_t child;
	int child_fd;
	const struct handler *handler; /* of the latest step; NULL: none */
	uint32_t step;
	int64_t step_began_ms;
	bool done;
};

/* Finds the secret or reads it; -1 after reporting. */
static int
provide_secret(struct check *check, const char *path)
{
	/* The child counts a missing secret as an error; so it is not counted
	 * here. */
	struct report report = { 0 };
	const config_setting_t *setting;
	int fd = secrets_find(check->secrets, path);

	if (fd >= 0)
		return fd;
	setting = sources_find_string(check->configuration->sources, path);
	if (!setting)
		report_error(&report, NULL,
		    "a plugin asked for the secret "
		    "\"%s\", which the configuration does not name",
		    path);
	else if (check->secrets->count == SECRETS_MAX)
		report_error(&report, setting,
		    "found more than %d secrets; "
		    "possible: fewer",
		    SECRETS_MAX);
	else if (secrets_read(check->secrets, path, setting, &report) == 0)
		return secrets_find(check->secrets, path);
	return -1;
}

static void
send_descriptor(int socket, int fd)
{
	char byte = 0;
	const struct iovec iov = { &byte, 1 };

	fdpass_send(socket, &iov, 1, &fd, fd >= 0, MSG_DONTWAIT);
}

static void
take_message(struct check *check, struct plugin_trial_message *message)
{
	switch (message->kind) {
	case PLUGIN_TRIAL_STEP:
		if (message->index < check->configuration->handler_count) {
			check->handler =
			    check->configuration->handlers[message->index];
			check->step = message->step;
			check->step_began_ms = clock_ms();
		}
		break;
	case PLUGIN_TRIAL_SECRET:
		message->path[sizeof(message->path) - 1] = '\0';
		send_descriptor(check->socket,
		    provide_secret(check, message->path));
		break;
	case PLUGIN_TRIAL_DONE:
		check->done = true;
		check->report->errors += message->errors;
		check->report->warnings += message->warnings;
		break;
	default:
		break;
	}
}

static bool
fail_to(struct check *check, const char *what)
{
	report_error(check->report, NULL, "plugin check: cannot %s: %s%s", what,
	    strerror(errno), refused_hint(errno));
	check->done = true;
	return true;
}

static void
take_messages(struct check *check)
{
	struct plugin_trial_message message;
	ssize_t n;

	while ((n = recv(check->socket, &message, sizeof(message),
		    MSG_DONTWAIT)) == sizeof(message))
		take_message(check, &message);
	/* A child that has ended with a message unread resets the socket. */
	if (n < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNRESET)
		fail_to(check, "receive what the process says");
}

/* Whether the child has ended, where no descriptor tells that. It is not waited
 * for. */
static bool
has_ended(const struct check *check)
{
	siginfo_t info = { .si_pid = 0 };

	return check->child_fd < 0 &&
	    waitid(P_PID, (id_t)check->child, &info,
		WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    info.si_pid != 0;
}

/* Takes messages until the child is done or has ended; false when the time is
 * over. A process that the child has forked may keep the socket open, so the
 * end of the stream is not the end of the child. */
static bool
attend(struct check *check, int64_t deadline_ms)
{
	struct pollfd fds[2] = { { .fd = check->socket, .events = POLLIN },
		{ .fd = check->child_fd, .events = POLLIN } };

	while (!check->done) {
		int64_t left = deadline_ms - clock_ms();

		if (left <= 0)
			return false;
		if (left > 60000)
			left = 60000;
		if (check->child_fd < 0 && left > BLIND_MS)
			left = BLIND_MS;
		if (poll(fds, 2, (int)left) < 0 && errno != EINTR)
			return fail_to(check, "wait");
		take_messages(check);
		if (fds[0].revents & POLLHUP)
			fds[0].fd = -1;
		if (fds[1].revents != 0 || has_ended(check)) {
			take_messages(check);
			return true;
		}
	}
	return true;
}

static const char *
describe_step(const struct check *check)
{
	switch (check->step) {
	case STEP_LOAD:
		return "while it was being loaded (in a constructor?)";
	case STEP_OPTIONS:
		return "while its options were read (is PRONG_END missing?)";
	default:
		return "in its function open";
	}
}

static void
blame(struct check *check, const char *what)
{
	if (check->handler)
		report_error(check->report, check->handler->group,
		    "%s: %s %s; "
		    "possible: a corrected plugin",
		    check->handler->name, what, describe_step(check));
	else
		report_error(check->report, NULL,
		    "plugin check: the process %s before it loaded a plugin",
		    what);
}

/* Reports that the time is over: the fault of the handler that has used a good
 * part of it by itself, or of none. */
static void
blame_time(struct check *check, int64_t timeout_ms)
{
	char what[128], time[QUANTITY_MAX_CHARS];

	quantity_print_time(time, timeout_ms);
	snprintf(what, sizeof(what), "took more than %s", time);
	if (!check->handler ||
	    clock_ms() - check->step_began_ms >= timeout_ms / SLOW_PART)
		blame(check, what);
	else
		report_error(check->report, NULL,
		    "open_timeout: %zu handlers together %s, none of them "
		    "long; possible: a longer time",
		    check->configuration->handler_count, what);
}

static void
judge(struct check *check, bool in_time, int status, int64_t timeout_ms)
{
	char what[128];

	if (check->done)
		return;
	if (WIFSIGNALED(status))
		snprintf(what, sizeof(what), "crashed (%s)",
		    strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == PLUGIN_TRIAL_MUTE)
		snprintf(what, sizeof(what), "ended, as it was cut off,");
	else if (WEXITSTATUS(status) == PLUGIN_TRIAL_UNHEARD)
		snprintf(what, sizeof(what),
		    "closed descriptors that are not its own,");
	else
		snprintf(what, sizeof(what),
		    check->handler ? "ended the process with status %d" :
				     "ended with status %d",
		    WEXITSTATUS(status));
	if (in_time)
		blame(check, what);
	else
		blame_time(check, timeout_ms);
}

static void
attend_child(struct check *check, int64_t timeout_ms)
{
	bool in_time;
	int status = 0;

	setpgid(check->child, check->child);
	in_time = attend(check, clock_ms() + timeout_ms);
	/* Also kills the processes that the child has started. */
	if (kill(-check->child, SIGKILL) < 0)
		kill(check->child, SIGKILL);
	while (waitpid(check->child, &status, 0) < 0 && errno == EINTR)
		continue;
	judge(check, in_time, status, timeout_ms);
}

static int
start_child(struct check *check, const struct plugin_set *plugins)
{
	struct plugin_trial trial = { .configuration = check->configuration,
		.plugins = plugins,
		.is_full = check->is_full,
		.parent = getpid() };
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return -1;
	check->child = fork();
	if (check->child == 0) {
		close(sockets[0]);
		trial.socket = sockets[1];
		plugin_trial_run(&trial);
	}
	close(sockets[1]);
	check->socket = sockets[0];
	if (check->child > 0) {
		check->child_fd = pidfd_open(check->child, 0);
		return 0;
	}
	close(sockets[0]);
	return -1;
}

/* Where the user is wrong, prongd -t tries the handlers as the user of a server
 * without that setting, so that their errors are told, too. To all others the user
 * stays unknown. */
static int
find_user(struct check *check)
{
	struct configuration *c = check->configuration;
	const char *setting;
	char why[256];

	if (configuration_find_user(c, check->report) == 0)
		return 0;
	if (!check->is_full ||
	    identity_find(NULL, NULL, &c->identity, &setting, why,
		sizeof(why)) < 0)
		return -1;
	c->identity.is_known = false;
	log_info("the handlers are tried as the user with the id %ju instead",
	    (uintmax_t)c->identity.uid);
	return 0;
}

static int
run(struct check *check, const struct plugin_set *plugins)
{
	unsigned before = check->report->errors;

	if (find_user(check) < 0)
		return -1;
	if (start_child(check, plugins) < 0) {
		report_error(check->report, NULL,
		    "plugin check: cannot start a process: %s",
		    strerror(errno));
		return -1;
	}
	attend_child(check, check->configuration->open_timeout_ms);
	close(check->socket);
	descriptor_close(check->child_fd);
	return check->report->errors == before ? 0 : -1;
}

int
plugin_check(struct configuration *c, const struct plugin_set *plugins,
    struct secrets *secrets, struct report *report)
{
	struct check check = {
		.configuration = c, .secrets = secrets, .report = report
	};

	return run(&check, plugins);
}

int
plugin_check_all(struct configuration *c, struct report *report)
{
	unsigned before = report->errors;
	struct secrets secrets = { 0 };
	struct check check = { .configuration = c,
		.secrets = &secrets,
		.report = report,
		.is_full = true };
	struct plugin_set *plugins;

	configuration_find_control(c, report);
	plugins = plugin_set_read_most(c, report);
	if (!plugins)
		return -1;
	run(&check, plugins);
	secrets_free(&secrets);
	plugin_set_free(plugins);
	return report->errors == before ? 0 : -1;
}
