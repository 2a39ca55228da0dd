/* SPDX-License-Identifier: ISC */
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "descendant.h"
#include "log.h"

#define CLIENTS_MAX	(CONTROL_POLL_MAX - 1)
#define BACKLOG		16

struct client {
	int fd;				/* -1: free */
	enum control_topic topic;
	bool has_asked;			/* just now: see control_take */
	const char *refused;		/* why; NULL: may ask */
	int64_t time_ms;
};

struct control {
	int listener;			/* -1: none */
	char path[CONTROL_PATH_BYTES];
	gid_t group;
	struct client clients[CLIENTS_MAX];
};

const char *
control_default_path(char path[CONTROL_PATH_BYTES])
{
	const char *own = geteuid() == 0 ? NULL : getenv("XDG_RUNTIME_DIR");
	int n = CONTROL_PATH_BYTES;

	if (own && own[0] == '/')
		n = snprintf(path, CONTROL_PATH_BYTES, "%s/prong/control",
		    own);
	if (n >= CONTROL_PATH_BYTES)
		snprintf(path, CONTROL_PATH_BYTES, "%s",
		    RUNSTATEDIR "/prong/control");
	return path;
}

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
		c->clients[i].fd = -1;
	return c;
}

/*
 * Listening.
 */

static bool
make_folder(const char *path)
{
	char folder[CONTROL_PATH_BYTES];
	char *slash;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (slash == folder)
		return true;
	*slash = '\0';
	if (mkdir(folder, 0755) == 0 || errno == EEXIST)
		return true;
	return errno == ENOENT && make_folder(folder) &&
	    mkdir(folder, 0755) == 0;
}

static int
new_socket(void)
{
	return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
}

/* Removes a socket that nobody listens at any more. False, EADDRINUSE: somebody
 * does. */
static bool
remove_stale(const struct sockaddr_un *address)
{
	struct stat st;
	bool lives;
	int fd;

	if (lstat(address->sun_path, &st) < 0)
		return errno == ENOENT;
	if (!S_ISSOCK(st.st_mode)) {
		errno = ENOTSOCK;
		return false;
	}
	fd = new_socket();
	if (fd < 0)
		return false;
	lives = connect(fd, (const struct sockaddr *)address,
	    sizeof(*address)) == 0 || errno != ECONNREFUSED;
	close(fd);
	if (lives)
		errno = EADDRINUSE;
	return !lives && unlink(address->sun_path) == 0;
}

/* No moment is there in which others could connect. */
static bool
bind_for(int fd, const struct sockaddr_un *address, gid_t group)
{
	mode_t before = umask(0177);
	int result = bind(fd, (const struct sockaddr *)address,
	    sizeof(*address));

	umask(before);
	if (result < 0)
		return false;
	if (group == (gid_t)-1)
		return true;
	return chown(address->sun_path, (uid_t)-1, group) == 0 &&
	    chmod(address->sun_path, 0660) == 0;
}

static int
listen_at(const char *path, gid_t group)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, saved;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (!make_folder(path) || !remove_stale(&address))
		return -1;
	fd = new_socket();
	if (fd >= 0 && bind_for(fd, &address, group) &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	if (fd >= 0)
		close(fd);
	errno = saved;
	return -1;
}

int
control_open(struct control *c, const char *path, gid_t group, bool quiet)
{
	int fd;

	if (c->listener >= 0 && strcmp(c->path, path) == 0 &&
	    c->group == group)
		return 0;
	/* The same path for another group: it is our own that is stale. */
	if (c->listener >= 0 && strcmp(c->path, path) == 0)
		control_close(c);
	fd = listen_at(path, group);
	if (fd < 0) {
		int saved = errno;

		if (!quiet)
			log_warning("cannot listen for prong(1) at %s: %s%s",
			    path, strerror(errno), errno == EADDRINUSE ?
			    ": another prongd does; the setting control names "
			    "another path" : "");
		errno = saved;
		return -1;
	}
	control_close(c);
	snprintf(c->path, sizeof(c->path), "%s", path);
	c->group = group;
	c->listener = fd;
	return 0;
}

void
control_close(struct control *c)
{
	if (c->listener < 0)
		return;
	unlink(c->path);
	close(c->listener);
	c->listener = -1;
}

void
control_drop(struct control *c)
{
	size_t i;

	if (c->listener >= 0)
		close(c->listener);
	for (i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i].fd >= 0)
			close(c->clients[i].fd);
}

/*
 * Clients.
 */

static void
drop(struct client *client)
{
	close(client->fd);
	*client = (struct client){ .fd = -1 };
}

/* Who is slow to read goes without the rest. */
static bool
tell(struct client *client, const char *message)
{
	if (send(client->fd, message, strlen(message),
	    MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
		return true;
	drop(client);
	return false;
}

static void
tell_end(struct client *client, int status)
{
	char message[32];

	snprintf(message, sizeof(message), "end %d", status);
	if (tell(client, message))
		drop(client);
}

static bool
is_in_group(int fd, gid_t wanted)
{
	gid_t groups[256];
	socklen_t length = sizeof(groups);
	size_t i;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length) < 0)
		return false;
	for (i = 0; i < length / sizeof(groups[0]); i++)
		if (groups[i] == wanted)
			return true;
	return false;
}

/* NULL when it may, else why not. */
static const char *
why_refused(const struct control *c, int fd)
{
	struct ucred who;
	socklen_t length = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) < 0)
		return "who asks is unknown";
	if (who.uid != 0 && who.uid != geteuid() &&
	    (c->group == (gid_t)-1 || (who.gid != c->group &&
	    !is_in_group(fd, c->group))))
		return "only root, the user of prongd, and the group that "
		    "control_group names may ask";
	/* What descends from an ordinary user's process is that user's (it
	 * gets no new privileges), and others may be hidden from it. */
	if ((geteuid() == 0 || who.uid == geteuid()) &&
	    descendant_is_mine(who.pid))
		return "no process of prongd's own may ask";
	return NULL;
}

static struct client *
find_free(struct control *c)
{
	size_t i;

	for (i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i].fd < 0)
			return &c->clients[i];
	return NULL;
}

/* Where all places are taken, that of one who has not asked for anything. */
static struct client *
find_place(struct control *c)
{
	struct client *client = find_free(c);
	size_t i;

	for (i = 0; i < CLIENTS_MAX && !client; i++)
		if (c->clients[i].topic == CONTROL_NOTHING) {
			client = &c->clients[i];
			drop(client);
		}
	return client;
}

static void
accept_client(struct control *c)
{
	struct client *client = find_place(c);
	int fd;

	if (!client)
		return;
	fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	*client = (struct client){ .fd = fd, .refused = why_refused(c, fd) };
}

static const struct {
	const char *name;
	enum control_topic topic;
} verbs[] = {
	{ "drain", CONTROL_DRAIN },
	{ "reload", CONTROL_NEXT_RELOAD },
	{ "reopen", CONTROL_REOPEN },
	{ "status", CONTROL_STATUS },
	{ "stop", CONTROL_STOP },
	{ "stop now", CONTROL_STOP_NOW },
	{ "upgrade", CONTROL_UPGRADE },
};

static enum control_topic
parse_verb(char *message, int64_t *time_ms)
{
	char *space = strchr(message, ' ');
	size_t i;

	if (space && strncmp(message, "drain ", 6) == 0) {
		*time_ms = strtoll(space + 1, NULL, 10);
		*space = '\0';
	}
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, message) == 0)
			return verbs[i].topic;
	return CONTROL_NOTHING;
}

/* Once it has asked: what is left unread would end the connection before the
 * answer is read. */
static void
refuse(struct client *client)
{
	char answer[128];

	log_warning("control socket: a request is refused: %s",
	    client->refused);
	snprintf(answer, sizeof(answer), "say error: %s", client->refused);
	if (tell(client, answer))
		tell_end(client, 1);
}

static void
hear(struct client *client)
{
	char message[128];
	ssize_t n = recv(client->fd, message, sizeof(message) - 1,
	    MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop(client);
		return;
	}
	if (client->refused) {
		refuse(client);
		return;
	}
	/* One request each. */
	if (client->topic != CONTROL_NOTHING)
		return;
	message[n] = '\0';
	client->time_ms = 0;
	client->topic = parse_verb(message, &client->time_ms);
	client->has_asked = client->topic != CONTROL_NOTHING;
	if (!client->has_asked && tell(client, "say error: this prongd does "
	    "not know that request"))
		tell_end(client, 2);
}

/* With all taken by those who wait, further ones do so in the backlog. */
static bool
has_place(const struct control *c)
{
	size_t i;

	for (i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i].fd < 0 ||
		    c->clients[i].topic == CONTROL_NOTHING)
			return true;
	return false;
}

size_t
control_poll_set(struct control *c, struct pollfd *fds)
{
	size_t i;

	fds[0] = (struct pollfd){ .fd = has_place(c) ? c->listener : -1,
	    .events = POLLIN };
	for (i = 0; i < CLIENTS_MAX; i++)
		fds[1 + i] = (struct pollfd){ .fd = c->clients[i].fd,
		    .events = POLLIN };
	return CONTROL_POLL_MAX;
}

void
control_polled(struct control *c, const struct pollfd *fds)
{
	size_t i;

	for (i = 0; i < CLIENTS_MAX; i++)
		if (fds[1 + i].revents && c->clients[i].fd >= 0)
			hear(&c->clients[i]);
	if (fds[0].revents && c->listener >= 0)
		accept_client(c);
}

bool
control_take(struct control *c, struct control_request *request)
{
	size_t i;

	for (i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = &c->clients[i];

		if (client->fd < 0 || !client->has_asked)
			continue;
		client->has_asked = false;
		*request = (struct control_request){ client->topic,
		    client->time_ms };
		return true;
	}
	return false;
}

bool
control_is_awaited(const struct control *c, enum control_topic topic)
{
	size_t i;

	for (i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i].fd >= 0 && c->clients[i].topic == topic)
			return true;
	return false;
}

void
control_say(struct control *c, enum control_topic topic,
    const char *format, ...)
{
	char message[CONTROL_MESSAGE_BYTES] = "say ";
	va_list ap;
	size_t i;

	va_start(ap, format);
	vsnprintf(message + 4, sizeof(message) - 4, format, ap);
	va_end(ap);
	for (i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i].fd >= 0 && c->clients[i].topic == topic)
			tell(&c->clients[i], message);
}

void
control_end(struct control *c, enum control_topic topic, int status)
{
	size_t i;

	for (i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i].fd >= 0 && c->clients[i].topic == topic)
			tell_end(&c->clients[i], status);
}

void
control_move(struct control *c, enum control_topic from,
    enum control_topic to)
{
	size_t i;

	for (i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i].topic == from)
			c->clients[i].topic = to;
}

/*
 * Across an upgrade.
 */

void
control_save(struct control *c, FILE *out)
{
	size_t i;

	if (c->listener >= 0) {
		fprintf(out, "control-socket %d %s\n", c->listener, c->path);
		fcntl(c->listener, F_SETFD, 0);
	}
	for (i = 0; i < CLIENTS_MAX; i++) {
		const struct client *client = &c->clients[i];

		if (client->fd < 0)
			continue;
		fprintf(out, "client %d %d\n", client->fd,
		    (int)client->topic);
		fcntl(client->fd, F_SETFD, 0);
	}
}

void
control_keep_from_exec(struct control *c)
{
	size_t i;

	if (c->listener >= 0)
		fcntl(c->listener, F_SETFD, FD_CLOEXEC);
	for (i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i].fd >= 0)
			fcntl(c->clients[i].fd, F_SETFD, FD_CLOEXEC);
}

bool
control_restore_listener(struct control *c, int fd, const char *path)
{
	if (strlen(path) >= sizeof(c->path))
		return false;
	snprintf(c->path, sizeof(c->path), "%s", path);
	c->listener = fd;
	return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

bool
control_restore_client(struct control *c, int fd, int topic)
{
	struct client *client = find_free(c);

	if (!client || topic < CONTROL_NOTHING || topic > CONTROL_DRAIN)
		return false;
	*client = (struct client){ .fd = fd,
	    .topic = (enum control_topic)topic };
	return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}
