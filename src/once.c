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
#include "base/log.h"
#include "config/configuration.h"
#include "config/report.h"
#include "connection/connection.h"
#include "connection/crash_handler.h"
#include "connection/statement.h"
#include "master/logfile.h"
#include "plugin/plugin_check.h"
#include "plugin/plugin_set.h"
#include "plugin/plugin_start.h"
#include "sandbox/privilege.h"
#include "sandbox/sandbox.h"

/* The one slot of statements. */
#define SLOT 0

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

/* Forks the next process of the connection and waits for its end. -1 after
 * logging. */
static int
serve_in_process(struct connection_arguments *arguments,
    const struct configuration *c, struct statements *statements)
{
	int status;
	pid_t pid;

	arguments->statement = statements_begin(statements, SLOT);
	arguments->handoff = statements_handoff(statements, SLOT);
	pid = arguments->statement ? fork() : -1;
	if (pid == 0)
		_exit((int)connection_run(arguments, c));
	if (pid > 0 && waitpid(pid, &status, 0) >= 0)
		return status;
	log_error("cannot fork a process for the connection: %s",
	    strerror(errno));
	return -1;
}

/* Arranges for the next process. The client is known by the proxy's header from
 * the statement of the process before. False after logging. */
static bool
go_on(struct connection_arguments *arguments,
    const struct statements *statements)
{
	struct statement statement;

	if (!statements_read(statements, SLOT, &statement)) {
		log_error("a process has handed off its connection before it "
			  "has called a handler");
		return false;
	}
	if (arguments->names_client)
		arguments->facts = statement.facts;
	arguments->by_proxy = false;
	arguments->goes_on = true;
	return true;
}

/* Forks a process for each part of the connection with other sandbox rules, as
 * a generation does. */
static int
serve_in_processes(struct connection_arguments *arguments,
    const struct configuration *c)
{
	struct statements *statements = statements_new(1,
	    connection_handoff_octets(c), NULL);
	int status;

	if (!statements) {
		log_error("there is no memory for the connection to be handed "
			  "off: %s",
		    strerror(errno));
		return EXIT_FAILURE;
	}
	for (;;) {
		status = serve_in_process(arguments, c, statements);
		if (status < 0)
			return EXIT_FAILURE;
		if (WIFSIGNALED(status))
			return 128 + WTERMSIG(status);
		if (WEXITSTATUS(status) != CONNECTION_HANDED_OFF)
			return WEXITSTATUS(status);
		if (!go_on(arguments, statements))
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
	    plugin_start(c, plugins, &secrets, PLUGIN_SERVE, &report) == 0;
	secrets_free(&secrets);
	if (!ok)
		return false;
	find_addresses(arguments);
	/* sendfile has no flag like MSG_NOSIGNAL. */
	signal(SIGPIPE, SIG_IGN);
	arguments->facts.from_proxy = configuration_trusts(c,
	    &arguments->facts.client);
	arguments->by_proxy = arguments->names_client =
	    configuration_wants_proxy_header(c, &arguments->facts.client);
	crash_handler_open();
	arguments->sandbox = sandbox_new(c, true, false);
	return arguments->sandbox;
}

int
once_run(struct configuration *configuration, struct plugin_set *plugins)
{
	struct connection_arguments arguments = { .in = STDIN_FILENO,
		.out = STDOUT_FILENO };
	int status = EXIT_FAILURE;

	if (prepare(configuration, plugins, &arguments))
		status = sandbox_has_many_rules(arguments.sandbox) ?
		    serve_in_processes(&arguments, configuration) :
		    (int)connection_run(&arguments, configuration);
	plugin_set_free(plugins);
	configuration_free(configuration);
	return status;
}
