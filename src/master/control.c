/* SPDX-License-Identifier: ISC */
#include "master/control.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/control_protocol.h"
#include "base/log.h"
#include "base/ratelimit.h"
#include "base/refused.h"
#include "handover/manifest_io.h"
#include "master/control_client.h"
#include "master/control_socket.h"
#include "master/peer.h"
#include "master/unix_socket.h"

#define CLIENTS_MAX (CONTROL_POLL_MAX - 1)

/* So many may wait for what takes long; others are to get through meanwhile. */
#define WAITING_MAX (CLIENTS_MAX - 4)

/* After an accept that failed for want of something. */
#define PAUSE_MS 1000

/* So many connections in a row may be lost before they are accepted. */
#define PASSED_OVER_MAX 16

struct control {
	int listener; /* -1: none */
	char path[CONTROL_PATH_BYTES];
	struct unix_socket_place place;
	gid_t group;
	int64_t paused_until_ms;
	unsigned passed_over; /* errors of accept(2) in a row */
	struct ratelimit complaint;
	struct control_client clients[CLIENTS_MAX];
};

struct control *
control_new(void)
{
	struct control *c = calloc(1, sizeof(*c));
	size_t i;

	if (!c)
		return NULL;
	c->listener = -1;
	c->group = (gid_t)-1;
	for (i = 0; i < CLIENTS_MAX; i++)
		c->clients[i] = CONTROL_CLIENT_FREE;
	return c;
}

/*
 * Listening.
 */

/* Whether what was made there is there still. */
static bool
is_in_place(const struct control *c)
{
	return c->listener >= 0 && unix_socket_is_in_place(c->path, c->place);
}

int
control_open(struct control *c, const char *path, gid_t group, bool quiet)
{
	bool is_same = is_in_place(c) && strcmp(c->path, path) == 0;
	struct unix_socket_place place;
	int fd;

	if (is_same && c->group == group)
		return 0;
	/* The same path for another group: it is our own that is stale. */
	if (is_same)
		control_close(c);
	fd = control_socket_listen(path, group, &place);
	if (fd < 0) {
		int saved = errno;

		if (quiet)
			log_info("prong(1) cannot reach this server: cannot "
				 "listen at %s: %s; --control names another "
				 "path",
			    path, strerror(errno));
		else
			log_warning("cannot listen for prong(1) at %s: %s%s",
			    path, strerror(errno),
			    errno == EADDRINUSE ? ": another prongd does; the "
						  "setting control names "
						  "another path" :
						  "");
		errno = saved;
		return -1;
	}
	control_close(c);
	snprintf(c->path, sizeof(c->path), "%s", path);
	c->place = place;
	c->group = group;
	c->listener = fd;
	return 0;
}

void
control_close(struct control *c)
{
	if (c->listener < 0)
		return;
	/* Where it was removed there may be another's by now. */
	unix_socket_remove(c->listener, c->place);
	control_client_close(c->listener);
	c->listener = -1;
}

void
control_drop(struct control *c)
{
	size_t i;

	if (c->listener >= 0)
		control_client_close(c->listener);
	for (i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i].fd >= 0)
			control_client_close(c->clients[i].fd);
	free(c);
}

/*
 * Clients.
 */

static struct control_client *
find_free(struct control *c)
{
	size_t i;

	for (i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i].fd < 0)
			return &c->clients[i];
	return NULL;
}

/* A place for a client. Where all are taken, a client loses its own that has not
 * asked for anything, and of those rather one that may not ask. */
static struct control_client *
find_place(struct control *c)
{
	struct control_client *client = find_free(c), *idle = NULL;
	size_t i;

	if (client)
		return client;
	for (i = 0; i < CLIENTS_MAX; i++) {
		client = &c->clients[i];
		if (client->request.topic == CONTROL_NOTHING &&
		    (!idle || (client->refusal && !idle->refusal)))
			idle = client;
	}
	if (idle)
		control_client_drop(idle);
	return idle;
}

/* The listener stays ready, and would be all that this process attends to. What
 * is wrong with a single connection does not last. */
static void
pause_after(struct control *c, int error)
{
	if ((error == EAGAIN || error == EINTR || error == ECONNABORTED) &&
	    ++c->passed_over < PASSED_OVER_MAX)
		return;
	c->passed_over = 0;
	if (ratelimit_allows(&c->complaint))
		log_warning("cannot accept on the control socket: %s%s",
		    strerror(error), refused_hint(error));
	c->paused_until_ms = clock_ms() + PAUSE_MS;
}

static void
accept_client(struct control *c)
{
	struct control_client *client;
	int fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0) {
		pause_after(c, errno);
		return;
	}
	c->passed_over = 0;
	client = find_place(c);
	if (client)
		*client = (struct control_client){ .fd = fd,
			.refusal = peer_refusal(fd, c->group) };
	else
		control_client_close(fd);
}

static bool
is_one_too_many(const struct control *c, const struct control_client *client)
{
	size_t i, waiting = 0;

	for (i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i].fd >= 0 &&
		    control_request_takes_long(c->clients[i].request.topic))
			waiting++;
	return control_request_takes_long(client->request.topic) &&
	    waiting > WAITING_MAX;
}

static void
hear(struct control *c, struct control_client *client)
{
	if (control_client_receive(client) && is_one_too_many(c, client))
		control_client_tell_and_end(client,
		    "say error: too many wait for reloads, "
		    "upgrades and reopenings; possible: later",
		    1);
}

/* Where every client waits for something, further ones wait in the backlog. */
static bool
has_place(const struct control *c)
{
	size_t i;

	for (i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i].fd < 0 ||
		    c->clients[i].request.topic == CONTROL_NOTHING)
			return true;
	return false;
}

size_t
control_poll_set(struct control *c, struct pollfd *fds)
{
	size_t i;

	fds[0] = (struct pollfd){ .fd = has_place(c) &&
			clock_ms() >= c->paused_until_ms ?
		    c->listener :
		    -1,
		.events = POLLIN };
	for (i = 0; i < CLIENTS_MAX; i++)
		fds[1 + i] = (struct pollfd){ .fd = c->clients[i].fd,
			.events = POLLIN };
	return CONTROL_POLL_MAX;
}

int64_t
control_deadline(const struct control *c)
{
	return clock_ms() < c->paused_until_ms ? c->paused_until_ms : INT64_MAX;
}

void
control_polled(struct control *c, const struct pollfd *fds)
{
	size_t i;

	for (i = 0; i < CLIENTS_MAX; i++)
		if (fds[1 + i].revents && c->clients[i].fd >= 0)
			hear(c, &c->clients[i]);
	if (fds[0].revents && c->listener >= 0 && has_place(c))
		accept_client(c);
}

bool
control_take(struct control *c, struct control_request *request)
{
	size_t i;

	for (i = 0; i < CLIENTS_MAX; i++) {
		struct control_client *client = &c->clients[i];

		if (client->fd < 0 || !client->has_asked)
			continue;
		client->has_asked = false;
		*request = client->request;
		return true;
	}
	return false;
}

void
control_say(struct control *c, enum control_topic topic, const char *format,
    ...)
{
	char message[CONTROL_MESSAGE_BYTES] = "say ";
	va_list ap;
	size_t i;

	va_start(ap, format);
	vsnprintf(message + 4, sizeof(message) - 4, format, ap);
	va_end(ap);
	for (i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i].fd >= 0 &&
		    c->clients[i].request.topic == topic)
			control_client_tell(&c->clients[i], message);
}

void
control_pass(struct control *c, enum control_topic topic, const char *message,
    const int *fds, size_t count)
{
	size_t i;

	for (i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i].fd >= 0 &&
		    c->clients[i].request.topic == topic)
			control_client_pass(&c->clients[i], message, fds,
			    count);
}

void
control_end(struct control *c, enum control_topic topic, int status)
{
	size_t i;

	for (i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i].fd >= 0 &&
		    c->clients[i].request.topic == topic)
			control_client_end(&c->clients[i], status);
}

void
control_move(struct control *c, enum control_topic from, enum control_topic to)
{
	size_t i;

	for (i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i].request.topic == from)
			c->clients[i].request.topic = to;
}

/*
 * Across an upgrade.
 */

void
control_save(struct control *c, struct manifest_writer *w)
{
	size_t i;

	if (c->listener >= 0)
		manifest_printf(w, MANIFEST_CONTROL_SOCKET_FD, c->listener,
		    "%jd %ju %ju %s",
		    c->group == (gid_t)-1 ? (intmax_t)-1 : (intmax_t)c->group,
		    (uintmax_t)c->place.device, (uintmax_t)c->place.inode,
		    c->path);
	for (i = 0; i < CLIENTS_MAX; i++) {
		const struct control_client *client = &c->clients[i];

		/* Nobody would refuse it again. */
		if (client->fd >= 0 && !client->refusal)
			manifest_printf(w, MANIFEST_CLIENT_FD, client->fd, "%d",
			    (int)client->request.topic);
	}
}

bool
control_restore_listener(struct control *c, int fd, const char *values)
{
	intmax_t group;
	uintmax_t device, inode;
	int at = 0;

	if (sscanf(values, "%jd %ju %ju %n", &group, &device, &inode, &at) <
		3 ||
	    group < -1 || strlen(values + at) >= sizeof(c->path))
		return false;
	snprintf(c->path, sizeof(c->path), "%s", values + at);
	c->group = (gid_t)group;
	c->place = (struct unix_socket_place){ (dev_t)device, (ino_t)inode };
	c->listener = fd;
	return true;
}

bool
control_restore_client(struct control *c, int fd, int topic)
{
	struct control_client *client = find_free(c);

	if (!client || topic < CONTROL_NOTHING || topic > CONTROL_FIGURES)
		return false;
	*client = (struct control_client){ .fd = fd,
		.request.topic = (enum control_topic)topic };
	return true;
}
