/* SPDX-License-Identifier: ISC */
#include "plugin/plugin_trial.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdpass.h"
#include "base/log.h"
#include "base/refused.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/place.h"
#include "config/report.h"
#include "plugin/backtrace.h"
#include "plugin/plugin_start.h"
#include "plugin/secrets.h"
#include "sandbox/privilege.h"
#include "sandbox/sandbox.h"

#define STACK_BYTES (64 * 1024)

/* Of the latest step; NULL: none. */
static const struct handler *volatile at_work;

/* Of a socket that a handler has closed, or put another descriptor in the place
 * of, the kernel says something else. */
static int
unheard_status(int error)
{
	switch (error) {
	case EPERM:
	case EACCES:
	case ENOSYS:
	case EIO:
	case ENOBUFS:
	case ENOMEM:
		log_error("plugin check: the process cannot say what it does: "
			  "%s%s",
		    strerror(error), refused_hint(error));
		return PLUGIN_TRIAL_MUTE;
	default:
		return PLUGIN_TRIAL_UNHEARD;
	}
}

static void
tell_step(void *context, const struct handler *handler, enum report_step step)
{
	struct plugin_trial_message message = { .kind = PLUGIN_TRIAL_STEP,
		.index = (uint32_t)handler->index,
		.step = step };
	const int *socket = context;

	at_work = handler;
	if (send(*socket, &message, sizeof(message), MSG_NOSIGNAL) < 0)
		_exit(unheard_status(errno));
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
	struct plugin_trial_message message = { .kind = PLUGIN_TRIAL_SECRET };
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

/* Says what the parent cannot know: it tells the rest. */
static void
tell_crash(int number, siginfo_t *info, void *context)
{
	const char *name = at_work ? at_work->name : "plugins";

	(void)context;
	/* A signal from a process, as by abort(3), has no address. */
	if (info->si_code > 0)
		log_error("%s: %s at address %p", name, strsignal(number),
		    info->si_addr);
	else
		log_error("%s: %s, sent by a process", name, strsignal(number));
	backtrace_log();
	/* The action is the default one by now, and waits for the return. */
	raise(number);
}

static void
catch_crashes(void)
{
	static const int fatal[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
	static char stack[STACK_BYTES];
	const stack_t own = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = { .sa_sigaction = tell_crash,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | (int)SA_RESETHAND };
	size_t i;

	sigaltstack(&own, NULL);
	for (i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		sigaction(fatal[i], &action, NULL);
}

/* Warns about the sandbox, for the user of prongd -t. */
static void
tell_rest(const struct configuration *c, struct report *report)
{
	sandbox_warn(c, report);
	/* prongd -v sets this level. */
	if (c->log_level != LEVEL_DEBUG)
		return;
	sandbox_print(c);
	place_print(c);
}

/* Whether every handler has a plugin. The parent, which reads the files, has
 * reported those that it could not read. */
static bool
is_complete(const struct configuration *c)
{
	const struct handler *handler;
	size_t cursor = 0;

	while ((handler = configuration_next_handler(c, &cursor)))
		if (!handler->plugin)
			return false;
	return true;
}

static void
try_all(const struct plugin_trial *trial, struct secrets *secrets,
    struct report *report)
{
	struct configuration *c = trial->configuration;

	/* Set after the drop of privileges, which would clear it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == trial->parent &&
	    plugin_start(c, trial->plugins, secrets, PLUGIN_TEST, report) ==
		0 &&
	    trial->is_full && is_complete(c))
		tell_rest(c, report);
}

_Noreturn void
plugin_trial_run(const struct plugin_trial *trial)
{
	int socket = trial->socket;
	struct report report = { .step = tell_step, .context = &socket };
	struct secrets secrets = { .ask = ask_secret, .context = &socket };
	struct plugin_trial_message message = { .kind = PLUGIN_TRIAL_DONE };
	unsigned before = log_warnings();

	setpgid(0, 0);
	reset_signals();
	catch_crashes();
	if (privilege_drop(&trial->configuration->identity, true) < 0)
		report.errors++;
	else
		try_all(trial, &secrets, &report);
	message.errors = report.errors;
	/* Those of the report, and what handlers have logged. */
	message.warnings = log_warnings() - before;
	_exit(send(socket, &message, sizeof(message), MSG_NOSIGNAL) < 0 ?
		unheard_status(errno) :
		0);
}
