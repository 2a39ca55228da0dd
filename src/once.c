/* SPDX-License-Identifier: ISC */
#include "once.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "accesslog/accesslog.h"
#include "base/descriptor.h"
#include "base/log.h"
#include "config/configuration.h"
#include "config/report.h"
#include "connection/connection.h"
#include "connection/crash_handler.h"
#include "connection/handoff.h"
#include "master/logfile.h"
#include "plugin/plugin_check.h"
#include "plugin/plugin_set.h"
#include "plugin/plugin_start.h"
#include "sandbox/privilege.h"
#include "sandbox/sandbox.h"

/* Standard output is the connection, so access_log "-" logs nothing here. */
static int
open_access_log(const struct configuration *c)
{
	int fd = -1;

	if (c->access_log && strcmp(c->access_log, "-") != 0)
		fd = logfile_open_access(c->access_log, &c->identity);
	accesslog_open(fd);
	return fd;
}

/* Standard input may be a socket, as under inetd. Otherwise the client is on
 * this machine, so its address is 127.0.0.1 for allow and deny. */
static void
find_addresses(struct connection_arguments *arguments)
{
	struct address *client = &arguments->facts.client;
	struct address *server = &arguments->facts.server;
	const char *why;

	client->length = sizeof(client->storage);
	if (getpeername(arguments->in, (struct sockaddr *)&client->storage,
		&client->length) < 0)
		address_parse_listen("127.0.0.1:0", client, &why);
	server->length = sizeof(server->storage);
	if (getsockname(arguments->in, (struct sockaddr *)&server->storage,
		&server->length) < 0)
		address_parse_listen("127.0.0.1:0", server, &why);
}

/* Receives the arguments of the next connection process; false when there was
 * no handoff. Only octets and a count come from the process before: the socket
 * and its client are known here. fd is closed. */
static bool
take_handoff(int fd, struct connection_arguments *arguments)
{
	struct handoff h;

	if (handoff_receive(fd,
		arguments->names_client ? &arguments->facts : NULL, &h) < 0) {
		log_error("a process has handed off what is not its "
			  "connection");
		return false;
	}
	close(h.socket);
	arguments->unread = h.unread;
	arguments->facts.requests = h.requests;
	arguments->by_proxy = false;
	return true;
}

/* Forks the next process of the connection, with its own hand-off socket, and
 * waits for its end. -1 after logging. */
static int
serve_in_process(struct connection_arguments *arguments,
    const struct configuration *c, int *queue)
{
	int handoff[2], status;
	pid_t pid;

	if (handoff_open(handoff) < 0)
		return -1;
	arguments->handoff = handoff[1];
	*queue = handoff[0];
	pid = fork();
	if (pid == 0) {
		close(handoff[0]);
		_exit((int)connection_run(arguments, c));
	}
	close(handoff[1]);
	descriptor_close(arguments->unread);
	arguments->unread = -1;
	if (pid > 0 && waitpid(pid, &status, 0) >= 0)
		return status;
	log_error("cannot fork a process for the connection: %s",
	    strerror(errno));
	return -1;
}

/* Forks a process for each part of the connection with other sandbox rules, as
 * a generation does. */
static int
serve_in_processes(struct connection_arguments *arguments,
    const struct configuration *c)
{
	int queue, status;

	for (;;) {
		status = serve_in_process(arguments, c, &queue);
		if (status < 0)
			return EXIT_FAILURE;
		if (WIFSIGNALED(status))
			return 128 + WTERMSIG(status);
		if (WEXITSTATUS(status) != CONNECTION_HANDED_OFF)
			return WEXITSTATUS(status);
		if (!take_handoff(queue, arguments))
			return (int)CONNECTION_FAILED;
	}
}

/* Does all steps before the first octet is read; false after logging. */
static bool
prepare(struct configuration *c, const struct plugin_set *plugins,
    struct connection_arguments *arguments)
{
	struct secrets secrets = { 0 };
	struct report report = { 0 };
	bool ok;

	log_open(LOG_STYLE_PLAIN, c->log_level);
	arguments->access_log = open_access_log(c);
	ok = plugin_check(c, plugins, &secrets, &report) == 0 &&
	    privilege_drop(&c->identity, true) == 0 &&
	    plugin_start(c, plugins, &secrets, false, &report) == 0;
	secrets_free(&secrets);
	if (!ok)
		return false;
	find_addresses(arguments);
	/* sendfile has no flag like MSG_NOSIGNAL. */
	signal(SIGPIPE, SIG_IGN);
	arguments->by_proxy = arguments->names_client =
	    configuration_wants_proxy_header(c, &arguments->facts.client);
	crash_handler_open();
	arguments->sandbox = sandbox_new(c, true);
	return arguments->sandbox;
}

int
once_run(struct configuration *configuration, struct plugin_set *plugins)
{
	struct connection_arguments arguments = { .in = STDIN_FILENO,
		.out = STDOUT_FILENO,
		.unread = -1,
		.tie = -1,
		.handoff = -1 };
	int status = EXIT_FAILURE;

	if (prepare(configuration, plugins, &arguments))
		status = sandbox_has_many_rules(arguments.sandbox) ?
		    serve_in_processes(&arguments, configuration) :
		    (int)connection_run(&arguments, configuration);
	plugin_set_free(plugins);
	configuration_free(configuration);
	return status;
}
