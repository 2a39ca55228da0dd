/* SPDX-License-Identifier: ISC */
#include "rehearsal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/address.h"
#include "base/log.h"
#include "config/configuration.h"
#include "config/listen_setting.h"
#include "config/report.h"
#include "master/holder.h"
#include "master/listener.h"
#include "master/logfile.h"
#include "master/unix_socket.h"
#include "sandbox/privilege.h"

/*
 * Files.
 */

enum file_kind { FILE_LOG, FILE_LISTENER, FILE_CONTROL };

struct file {
	enum file_kind kind;
	const char *what, *path;
	const config_setting_t *setting;
};

static bool
try_log(const struct configuration *c, const struct file *f)
{
	/* A user who is wrong has been told. */
	return logfile_try(f->what, f->path,
		   c->identity.is_known ? &c->identity : NULL) == 0;
}

static bool
try_path(const struct file *f)
{
	struct report report = { 0 };
	int error = unix_socket_try(f->path);
	const char *why = error == ENOTSOCK ?
	    "found what is no socket; possible: another path" :
	    strerror(error);

	if (error == 0)
		return true;
	if (f->kind == FILE_CONTROL)
		report_warning(&report, f->setting,
		    "control: cannot listen for prong(1) at %s: %s; possible: "
		    "another path, or \"off\"",
		    f->path, why);
	else
		report_error(&report, f->setting, "listen: cannot bind %s: %s",
		    f->path, why);
	return false;
}

static _Noreturn void
try_and_exit(const struct configuration *c, const struct file *f, bool as_user,
    bool is_loud)
{
	int null = is_loud ? -1 : open("/dev/null", O_WRONLY | O_CLOEXEC);
	bool ok;

	if (null >= 0)
		dup2(null, STDERR_FILENO);
	if (as_user && privilege_drop(&c->identity, true) < 0)
		_exit(1);
	ok = f->kind == FILE_LOG ? try_log(c, f) : try_path(f);
	_exit(ok ? 0 : 1);
}

/* In a process of its own, whose identity can change and whose log can be left
 * out. */
static bool
attempt(const struct configuration *c, const struct file *f, bool as_user,
    bool is_loud)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		try_and_exit(c, f, as_user, is_loud);
	if (pid < 0) {
		log_error("cannot start a process: %s", strerror(errno));
		return false;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void
try_file(const struct configuration *c, const struct file *f,
    struct report *report)
{
	const bool is_root = geteuid() == 0 && c->identity.is_known;

	if (is_root && attempt(c, f, false, false))
		return;
	if (is_root && attempt(c, f, true, false)) {
		log_info("%s %s: user %s can open it, and root does not: right "
			 "where prongd is started as that user",
		    f->what, f->path, c->identity.name);
		return;
	}
	if (attempt(c, f, false, true))
		return;
	if (f->kind == FILE_CONTROL)
		report->warnings++;
	else
		report->errors++;
}

/*
 * Addresses.
 */

/* The process of the server that listens for prong(1) at that path; -1: none. */
static pid_t
running_server(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	struct ucred who = { .pid = -1 };
	socklen_t length = sizeof(who);

	if (fd < 0)
		return -1;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) < 0)
		who.pid = -1;
	close(fd);
	return who.pid;
}

/* The server that would be reloaded has it, or a service manager that would pass
 * it. */
static bool
is_own(const struct configuration *c, const struct address *a)
{
	const pid_t server = c->control ? running_server(c->control) : -1;
	struct holder holder;

	if (server > 0 && holder_is(a, server))
		return true;
	return holder_find(a, &holder) && holder.pid == 1;
}

static void
try_address(const struct configuration *c, const struct listen_setting *l,
    struct report *report)
{
	char text[ADDRESS_TEXT_BYTES], cure[LISTENER_ADVICE_BYTES];
	int error = listener_try(&l->address);

	if (error == 0 || (error == EADDRINUSE && is_own(c, &l->address)))
		return;
	report_error(report, l->setting, "listen: cannot bind %s: %s%s",
	    address_format_listen(&l->address, text), strerror(error),
	    listener_advice(error, &l->address, cure));
}

static void
try_listener(const struct configuration *c, const struct listen_setting *l,
    struct report *report)
{
	/* What a service manager passes is there at a start alone. */
	if (l->name)
		return;
	if (address_is_unix(&l->address))
		try_file(c,
		    &(struct file){ FILE_LISTENER, "the socket",
			strchr(l->text, ':') + 1, l->setting },
		    report);
	else
		try_address(c, l, report);
}

static void
try_logs(const struct configuration *c, struct report *report)
{
	if (c->error_log)
		try_file(c,
		    &(struct file){ FILE_LOG, "error log", c->error_log,
			configuration_setting(c, "error_log") },
		    report);
	if (c->access_log)
		try_file(c,
		    &(struct file){ FILE_LOG, "access log", c->access_log,
			configuration_setting(c, "access_log") },
		    report);
}

void
rehearsal_run(const struct configuration *c, struct report *report)
{
	size_t i;

	try_logs(c, report);
	for (i = 0; i < c->listen_count; i++)
		try_listener(c, &c->listens[i], report);
	if (c->control && (!c->control_is_default || geteuid() == 0))
		try_file(c,
		    &(struct file){ FILE_CONTROL, "the socket", c->control,
			configuration_setting(c, "control") },
		    report);
}
