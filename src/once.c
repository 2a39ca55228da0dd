/* SPDX-License-Identifier: ISC */
#include "once.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "configuration.h"
#include "connection.h"
#include "log.h"
#include "plugin.h"
#include "privilege.h"
#include "report.h"
#include "service.h"
#include "trial.h"

/* Standard output is the client's, so "-" logs nothing here. */
static int
open_access_log(const char *path)
{
	int fd;

	if (!path || strcmp(path, "-") == 0)
		return -1;
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY,
	    0640);
	if (fd < 0)
		log_error("cannot open the access log %s: %s", path,
		    strerror(errno));
	return fd;
}

/* Standard input may be a socket, as under inetd. Whoever else asks is on this
 * machine, and counts as such where a route says allow. */
static void
find_addresses(struct door *door)
{
	const char *why;

	door->client.length = sizeof(door->client.storage);
	if (getpeername(door->in, (struct sockaddr *)&door->client.storage,
	    &door->client.length) < 0)
		address_parse_listen("127.0.0.1:0", &door->client, &why);
	door->server.length = sizeof(door->server.storage);
	if (getsockname(door->in, (struct sockaddr *)&door->server.storage,
	    &door->server.length) < 0)
		address_parse_listen("127.0.0.1:0", &door->server, &why);
}

int
once_run(struct configuration *configuration, struct plugin_set *plugins)
{
	struct door door = { .in = STDIN_FILENO, .out = STDOUT_FILENO,
	    .lifeline = -1 };
	struct secrets secrets = { 0 };
	struct report report = { 0 };
	int status = 1;

	log_open(LOG_STYLE_PLAIN, configuration->log_level);
	door.access_log = open_access_log(configuration->access_log);
	if (trial_run(configuration, plugins, &secrets, &report) == 0 &&
	    privilege_drop(configuration->user, configuration->group, true) ==
	    0 && service_open(configuration, plugins, &secrets, false,
	    &report) == 0) {
		signal(SIGPIPE, SIG_IGN);
		find_addresses(&door);
		status = (int)connection_run(&door, configuration);
	}
	secrets_free(&secrets);
	plugin_set_free(plugins);
	configuration_free(configuration);
	return status;
}
