/*
 * Plugin check. Child and parent exchange messages over a socket that keeps
 * them apart. The child runs code of plugins, so the parent does not trust its
 * messages: an index is checked, a path must be in the configuration, and all
 * else is only counted or reported.
 *
 * SPDX-License-Identifier: ISC
 */
#include "plugin/plugin_check.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fdpass.h"
#include "base/log.h"
#include "base/quantity.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/report.h"
#include "config/sources.h"
#include "plugin/plugin_set.h"
#include "plugin/plugin_start.h"
#include "sandbox/privilege.h"
#include "sandbox/sandbox.h"

#define PATH_MAX_BYTES 4096
#define SECRETS_MAX    256

enum message_kind {
	MESSAGE_STEP,	/* index of a handler, step */
	MESSAGE_SECRET, /* Path; the parent sends a byte back, with the
			 * descriptor if it has one. */
	MESSAGE_DONE	/* errors, warnings */
};

struct message {
	uint32_t kind;
	uint32_t index, step;
	uint32_t errors, warnings;
	char path[PATH_MAX_BYTES];
};

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
	bool done;
};

/*
 * The child.
 */

static void
tell_step(void *context, const struct handler *handler, enum report_step step)
{
	struct message message = { .kind = MESSAGE_STEP,
		.index = (uint32_t)handler->index,
		.step = step };
	const int *socket = context;

	send(*socket, &message, sizeof(message), MSG_NOSIGNAL);
}

/* Receives a byte and its descriptor; -1 when it has none. */
static int
receive_descriptor(int socket)
{
	int fds[FDPASS_MAX];
	char byte = 0;

	fdpass_receive(socket, &byte, 1, fds, 0);
	return fds[0];
}

static int
ask_secret(void *context, const char *path)
{
	struct message message = { .kind = MESSAGE_SECRET };
	const int *socket = context;

	if (strlen(path) >= sizeof(message.path))
		return -1;
	strcpy(message.path, path);
	if (send(*socket, &message, sizeof(message), MSG_NOSIGNAL) < 0)
		return -1;
	return receive_descriptor(*socket);
}

/* Sets all signals to the defaults and unblocks them. */
static void
reset_signals(void)
{
	sigset_t none;
	int i;

	for (i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Warns about the sandbox, for the user of prongd -t. */
static void
tell_sandbox(const struct configuration *c, struct report *report)
{
	sandbox_warn(c, report);
	/* prongd -v sets this level. */
	if (c->log_level == LEVEL_DEBUG)
		sandbox_print(c);
}

static _Noreturn void
run_child(const struct check *check, const struct plugin_set *plugins,
    int socket, pid_t parent)
{
	struct configuration *c = check->configuration;
	struct report report = { .step = tell_step, .context = &socket };
	struct secrets secrets = { .ask = ask_secret, .context = &socket };
	struct message message = { .kind = MESSAGE_DONE };

	setpgid(0, 0);
	reset_signals();
	if (privilege_drop(&c->identity, true) < 0) {
		report.errors++;
	} else {
		/* Set after the drop, which would clear it. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent &&
		    plugin_start(c, plugins, &secrets, true, &report) == 0 &&
		    check->is_full)
			tell_sandbox(c, &report);
	}
	message.errors = report.errors;
	message.warnings = report.warnings;
	send(socket, &message, sizeof(message), MSG_NOSIGNAL);
	_exit(0);
}

/*
 * The parent.
 */

static const config_setting_t *
find_value(const config_setting_t *group, const char *value)
{
	const config_setting_t *s, *found = NULL;
	int i;

	for (i = 0; i < config_setting_length(group) && !found; i++) {
		s = config_setting_get_elem(group, (unsigned)i);
		if (config_setting_is_aggregate(s))
			found = find_value(s, value);
		else if (config_setting_type(s) == CONFIG_TYPE_STRING &&
		    strcmp(config_setting_get_string(s), value) == 0)
			found = s;
	}
	return found;
}

static const config_setting_t *
find_in_sources(const struct sources *sources, const char *value)
{
	const config_setting_t *found = NULL;
	size_t i;

	for (i = 0; i < sources->count && !found; i++)
		found = find_value(config_root_setting(&sources->items[i].tree),
		    value);
	return found;
}

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
	setting = find_in_sources(check->configuration->sources, path);
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
take_message(struct check *check, struct message *message)
{
	switch (message->kind) {
	case MESSAGE_STEP:
		if (message->index < check->configuration->handler_count) {
			check->handler =
			    check->configuration->handlers[message->index];
			check->step = message->step;
		}
		break;
	case MESSAGE_SECRET:
		message->path[sizeof(message->path) - 1] = '\0';
		send_descriptor(check->socket,
		    provide_secret(check, message->path));
		break;
	case MESSAGE_DONE:
		check->done = true;
		check->report->errors += message->errors;
		check->report->warnings += message->warnings;
		break;
	default:
		break;
	}
}

static void
take_messages(struct check *check)
{
	struct message message;

	while (recv(check->socket, &message, sizeof(message), MSG_DONTWAIT) ==
	    sizeof(message))
		take_message(check, &message);
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
		if (poll(fds, 2, (int)left) < 0 && errno != EINTR)
			return false;
		take_messages(check);
		if (fds[0].revents & POLLHUP)
			fds[0].fd = -1;
		if (fds[1].revents != 0) {
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
		return "while its options were being read";
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

static void
judge(struct check *check, bool in_time, int status, int64_t timeout_ms)
{
	char what[128], time[QUANTITY_MAX_CHARS];

	if (check->done)
		return;
	quantity_print_time(time, timeout_ms);
	if (!in_time)
		snprintf(what, sizeof(what), "took more than %s", time);
	else if (WIFSIGNALED(status))
		snprintf(what, sizeof(what), "crashed (%s)",
		    strsignal(WTERMSIG(status)));
	else
		snprintf(what, sizeof(what),
		    "ended the process with status "
		    "%d",
		    WEXITSTATUS(status));
	blame(check, what);
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
	pid_t parent = getpid();
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return -1;
	check->child = fork();
	if (check->child == 0) {
		close(sockets[0]);
		run_child(check, plugins, sockets[1], parent);
	}
	close(sockets[1]);
	check->socket = sockets[0];
	if (check->child > 0) {
		check->child_fd = pidfd_open(check->child, 0);
		if (check->child_fd >= 0)
			return 0;
		kill(check->child, SIGKILL);
		waitpid(check->child, NULL, 0);
	}
	close(sockets[0]);
	return -1;
}

static int
run(struct check *check, const struct plugin_set *plugins)
{
	unsigned before = check->report->errors;

	if (configuration_find_user(check->configuration, check->report) < 0)
		return -1;
	if (start_child(check, plugins) < 0) {
		report_error(check->report, NULL,
		    "plugin check: cannot start a process: %s",
		    strerror(errno));
		return -1;
	}
	attend_child(check, check->configuration->open_timeout_ms);
	close(check->socket);
	close(check->child_fd);
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
