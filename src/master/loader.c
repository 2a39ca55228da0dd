/*
 * Reading. See loader.h. The process sends the lines of the snapshot and,
 * before and between, copies of what it logs.
 *
 * SPDX-License-Identifier: ISC
 */
#include "master/loader.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "base/address_scope.h"
#include "base/clock.h"
#include "base/fdpass.h"
#include "base/log.h"
#include "config/configuration.h"
#include "config/folder_site.h"
#include "config/report.h"
#include "config/sources.h"
#include "handover/command.h"
#include "handover/protocol.h"
#include "handover/snapshot.h"
#include "master/child.h"
#include "plugin/plugin_set.h"

/* A disk that takes longer is as good as broken. */
#define TIMEOUT_MS 30000

/*
 * What is read.
 */

/* Whether nobody else can connect, who would see the names of a listing. */
static bool
is_for_this_machine(const struct command *c)
{
	struct address address;
	const char *why;
	size_t i;

	for (i = 0; i < c->listen_count; i++)
		if (!address_parse_listen(c->listens[i], &address, &why) ||
		    !address_scope_is_loopback(&address))
			return false;
	return true;
}

static struct sources *
read_sources(const struct command *c, struct report *report)
{
	if (c->folder)
		return folder_site_sources(c->folder, c->plugin_folder,
		    is_for_this_machine(c), report);
	return sources_read(c->file ? c->file : COMMAND_DEFAULT_FILE, report);
}

/* What the command line says instead of the configuration. */
static bool
override(const struct command *c, struct configuration *configuration,
    struct report *report)
{
	if (c->verbose)
		configuration->log_level = LEVEL_DEBUG;
	if (c->plugin_folder)
		configuration->plugin_folder = c->plugin_folder;
	if (c->control &&
	    configuration_replace_control(configuration, c->control, report) <
		0)
		return false;
	return c->listen_count == 0 ||
	    configuration_replace_listens(configuration, c->listens,
		c->listen_count, report) == 0;
}

struct configuration *
loader_configuration(const struct command *c, struct report *report)
{
	struct sources *sources = read_sources(c, report);
	struct configuration *configuration;

	if (!sources)
		return NULL;
	configuration = configuration_parse(sources, report);
	if (!configuration)
		sources_free(sources);
	else if (!override(c, configuration, report)) {
		configuration_free(configuration);
		return NULL;
	}
	return configuration;
}

struct configuration *
loader_configuration_most(const struct command *c, struct report *report)
{
	struct sources *sources = read_sources(c, report);
	struct configuration *configuration;

	if (!sources)
		return NULL;
	configuration = configuration_parse_most(sources, report);
	if (!configuration)
		sources_free(sources);
	else
		override(c, configuration, report);
	return configuration;
}

struct plugin_set *
loader_plugins(struct configuration *c, struct report *report)
{
	struct plugin_set *plugins = plugin_set_read(c, report);

	if (plugins && configuration_find_user(c, report) < 0) {
		plugin_set_free(plugins);
		return NULL;
	}
	return plugins;
}

/*
 * The process.
 */

static bool
read_all(const struct command *command, int socket)
{
	struct report report = { 0 };
	struct configuration *c = loader_configuration(command, &report);
	struct plugin_set *plugins = c ? loader_plugins(c, &report) : NULL;
	struct snapshot *set;

	if (!plugins || configuration_find_control(c, &report) < 0)
		return false;
	set = snapshot_from(c, plugins);
	if (set && snapshot_send(set, socket) == 0)
		return true;
	log_error("cannot hand over what was read: %s", strerror(errno));
	return false;
}

/*
 * The master.
 */

int
loader_start(struct loader *r, const struct command *command)
{
	*r = LOADER_NONE;
	r->set = snapshot_new();
	if (r->set)
		r->pid = child_fork_helper(&r->socket);
	if (r->set && r->pid == 0)
		_exit(read_all(command, r->socket) ? 0 : 1);
	if (r->pid > 0) {
		r->deadline_ms = clock_ms() + TIMEOUT_MS;
		return 0;
	}
	log_error("cannot start a process that reads the configuration: %s",
	    strerror(errno));
	snapshot_free(r->set);
	*r = LOADER_NONE;
	return -1;
}

/* The length of a message, with a NUL behind; *fd is its descriptor or -1. */
static ssize_t
receive(int socket, char text[LOADER_MESSAGE_BYTES], int *fd)
{
	int fds[FDPASS_MAX];
	ssize_t n = fdpass_receive(socket, text, LOADER_MESSAGE_BYTES - 1, fds,
	    MSG_DONTWAIT);

	*fd = fds[0];
	if (fds[1] >= 0)
		close(fds[1]);
	if (n >= 0)
		text[n] = '\0';
	return n;
}

/* It was killed, or crashed: it has said nothing of it. */
static void
describe_end(const struct loader *r, char text[LOADER_MESSAGE_BYTES])
{
	if (r->has_spoken)
		return;
	snprintf(text, LOADER_MESSAGE_BYTES,
	    "error: the process that reads "
	    "the configuration ended before it had read all");
	log_error("%s", text + strlen("error: "));
}

static enum loader_event
take_line(struct loader *r, const char *line, int fd,
    char text[LOADER_MESSAGE_BYTES])
{
	if (strcmp(line, manifest_name(MANIFEST_END)) == 0 && fd < 0)
		return LOADER_COMPLETE;
	if (snapshot_add(r->set, line, fd) == 0)
		return LOADER_NOTHING;
	snprintf(text, LOADER_MESSAGE_BYTES,
	    "error: what was read cannot be "
	    "kept: %s",
	    strerror(errno));
	return LOADER_FAILED;
}

enum loader_event
loader_receive(struct loader *r, char text[LOADER_MESSAGE_BYTES])
{
	static char message[LOADER_MESSAGE_BYTES];
	struct protocol_message said;
	int fd;
	ssize_t n = receive(r->socket, message, &fd);

	text[0] = '\0';
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return LOADER_NOTHING;
	if (n < 0)
		log_error("cannot receive what is read of the configuration: "
			  "%s",
		    strerror(errno));
	if (n <= 0) {
		describe_end(r, text);
		return LOADER_FAILED;
	}
	if (fd >= 0 || !protocol_parse(&said, PROTOCOL_TO_MASTER, message, 0) ||
	    said.kind != PROTOCOL_LOG)
		return take_line(r, message, fd, text);
	snprintf(text, LOADER_MESSAGE_BYTES, "%s", said.text);
	r->has_spoken |= strncmp(text, "error: ", strlen("error: ")) == 0;
	return LOADER_SAID;
}

void
loader_end(struct loader *r)
{
	if (r->pid > 0)
		kill(r->pid, SIGKILL);
	if (r->socket >= 0)
		close(r->socket);
	snapshot_free(r->set);
	*r = LOADER_NONE;
}
