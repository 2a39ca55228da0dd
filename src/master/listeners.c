/* SPDX-License-Identifier: ISC */
#include "master/listeners.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/log.h"
#include "config/listen_setting.h"
#include "handover/snapshot.h"
#include "master/activation.h"
#include "master/unix_socket.h"

/*
 * Opening.
 */

/* The kernel cuts it to net.core.somaxconn, 4096 by default (listen(2)). */
#define BACKLOG 4096

/* How soon an address that is in use is tried again. */
#define RETRY_MS 20

static const struct sockaddr *
sockaddr(const struct address *a)
{
	return (const struct sockaddr *)&a->storage;
}

/* The octets of an address as bind is given them, for the debug log. */
static void
log_bind(int fd, const struct address *a)
{
	const unsigned char *octets = (const unsigned char *)&a->storage;
	char text[3 * 32 + 1] = "";
	size_t i;

	for (i = 0; i < a->length && i < 32; i++)
		snprintf(text + 3 * i, 4, " %02x", octets[i]);
	log_debug("bind(%d, {%s%s }, %u) = 0", fd, text,
	    a->length > 32 ? " ..." : "", (unsigned)a->length);
}

static bool
is_unix(const struct address *a)
{
	return a->storage.ss_family == AF_UNIX;
}

static bool
set_options(int fd, int family)
{
	static const int on = 1;

	if (family == AF_UNIX)
		return true;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return false;
	/* 0.0.0.0 and [::] can stand side by side. */
	if (family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0)
		return false;
	/* Accepted sockets inherit it: responses are written whole. */
	return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0;
}

static void
log_where(int fd)
{
	struct address bound = { .length = sizeof(bound.storage) };
	char text[ADDRESS_TEXT_BYTES];

	if (getsockname(fd, (struct sockaddr *)&bound.storage, &bound.length) ==
	    0)
		log_info("listening on %s", address_format(&bound, text));
}

/* Whoever reaches the folder may connect to a path, as with a port. Not by
 * chmod(2), which would change what others may have put there meanwhile. */
static int
bind_open(int fd, const struct address *a)
{
	mode_t before = umask(0111);
	int result = bind(fd, sockaddr(a), a->length);

	umask(before);
	return result;
}

/* The step that failed, or NULL. */
static const char *
open_steps(int fd, const struct address *a)
{
	if (!set_options(fd, a->storage.ss_family))
		return "set the options of";
	if (bind_open(fd, a) < 0)
		return "bind";
	log_bind(fd, a);
	if (listen(fd, BACKLOG) < 0)
		return "listen on";
	log_debug("listen(%d, %d) = 0", fd, BACKLOG);
	return NULL;
}

static const char *
advice(int error)
{
	switch (error) {
	case EADDRINUSE:
		return ": another process listens there; stop it or choose "
		       "another address";
	case EACCES:
		return ": ports below 1024 need root or CAP_NET_BIND_SERVICE";
	case EADDRNOTAVAIL:
		return ": no interface of this machine has that address";
	default:
		return "";
	}
}

/* The same, again and again while the address is in use. Not a path: to find out
 * whether somebody listens there takes a connection to him. */
static const char *
try_steps(int fd, const struct address *a, int64_t until_ms)
{
	const struct timespec nap = { 0, RETRY_MS * 1000000 };
	const char *failed;

	if (unix_socket_remove_stale(sockaddr(a), a->length, SOCK_STREAM) > 0)
		log_info("removing the stale socket %s",
		    unix_socket_path(sockaddr(a)));
	for (;;) {
		failed = open_steps(fd, a);
		if (!failed || errno != EADDRINUSE || is_unix(a) ||
		    clock_ms() >= until_ms)
			return failed;
		clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL);
		errno = EADDRINUSE;
	}
}

/* socket, bind, listen; close-on-exec and not blocking. Logs where it listens
 * (with the port that the kernel chose for port 0). A Unix socket that nobody
 * listens at any more is replaced. The descriptor, or -1 after logging. */
static int
open_listener(const struct address *a, int64_t until_ms)
{
	char text[ADDRESS_TEXT_BYTES];
	const char *failed;
	int fd;

	fd = socket(a->storage.ss_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		log_error("cannot make a socket for %s: %s",
		    address_format(a, text), strerror(errno));
		return -1;
	}
	log_debug("socket(%d, SOCK_STREAM) = %d", a->storage.ss_family, fd);
	failed = try_steps(fd, a, until_ms);
	if (failed) {
		log_error("cannot %s %s: %s%s", failed, address_format(a, text),
		    strerror(errno), is_unix(a) ? "" : advice(errno));
		close(fd);
		return -1;
	}
	log_where(fd);
	return fd;
}

/*
 * Sockets that were passed.
 */

/* As set_options has it for those that are opened here. systemd's NoDelay= has
 * another default. */
static int
adopt(int fd, const char *entry)
{
	struct address bound = { .length = sizeof(bound.storage) };
	char text[ADDRESS_TEXT_BYTES];
	static const int on = 1;

	if (getsockname(fd, (struct sockaddr *)&bound.storage, &bound.length) <
		0 ||
	    (bound.storage.ss_family != AF_UNIX &&
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) <
		    0)) {
		log_error("cannot set the options of descriptor %d, which was "
			  "passed for %s: %s",
		    fd, entry, strerror(errno));
		return -1;
	}
	log_info("listening on %s, passed as descriptor %d",
	    address_format(&bound, text), fd);
	return 0;
}

static int
no_such_name(const struct activation *a, const struct listen_setting *s)
{
	char names[512];

	activation_join_names(a, names, sizeof(names));
	if (a->count == 0)
		log_error("listen: found \"%s\", but no socket was passed; "
			  "possible: to start prongd by its socket unit, or an "
			  "address to listen at",
		    s->text);
	else
		log_error("listen: found \"%s\", but no socket of that name "
			  "was passed that is not listed before; passed: %s "
			  "(FileDescriptorName= of the socket unit)",
		    s->text, names);
	return -1;
}

static int
take_named(struct activation *a, const struct listen_setting *s, int *fds)
{
	int count = 0, fd;

	while ((fd = activation_find_named(a, s->name)) >= 0) {
		if (adopt(fd, s->text) < 0)
			return -1;
		fds[count++] = fd;
	}
	return count > 0 ? count : no_such_name(a, s);
}

/*
 * The sockets that an entry of the setting listen stands for: those of a name
 * that were passed; or one for an address, passed or else opened, or none when
 * one that was found before gets its connections. Where another process listens
 * at an IP address it is tried again until until_ms of clock_ms: a master that
 * was killed may have left generations that are about to notice. Writes the
 * descriptors to fds, which has room for each that was passed and one more.
 * Their number, or -1 after logging.
 */
static int
take_new(struct activation *a, const struct listen_setting *s, int *fds,
    int64_t until_ms)
{
	int fd;

	if (s->name)
		return take_named(a, s, fds);
	fd = activation_find(a, &s->address);
	if (fd >= 0) {
		fds[0] = fd;
		return adopt(fd, s->text) == 0 ? 1 : -1;
	}
	if (activation_covers(a, &s->address)) {
		log_info("%s: a socket that was passed gets its connections",
		    s->text);
		return 0;
	}
	fds[0] = open_listener(&s->address, until_ms);
	return fds[0] >= 0 ? 1 : -1;
}

/* A socket that was passed is left to activation_free. */
static void
close_listener(const struct activation *a, int fd)
{
	if (activation_owns(a, fd))
		return;
	unix_socket_unlink(fd);
	close(fd);
}

/*
 * The list.
 */

const char *
listeners_where(const struct listeners *l, size_t index)
{
	struct address bound = { .length = sizeof(bound.storage) };
	static char text[ADDRESS_TEXT_BYTES];

	if (getsockname(l->all[index].fd, (struct sockaddr *)&bound.storage,
		&bound.length) < 0)
		return l->all[index].text;
	return address_format(&bound, text);
}

bool
listeners_have(const struct listeners *l, int fd)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		if (l->all[i].fd == fd)
			return true;
	return false;
}

int *
listeners_descriptors(const struct listeners *l)
{
	int *fds = calloc(l->count + 1, sizeof(*fds));
	size_t i;

	if (!fds)
		log_error("cannot list the listeners: %s", strerror(errno));
	for (i = 0; fds && i < l->count; i++)
		fds[i] = l->all[i].fd;
	return fds;
}

int
listeners_add(struct listeners *l, const char *text, int fd)
{
	struct listener *grown = realloc(l->all,
	    (l->count + 1) * sizeof(*grown));
	char *copy = strdup(text);

	if (grown)
		l->all = grown;
	if (!grown || !copy) {
		free(copy);
		errno = ENOMEM;
		return -1;
	}
	l->all[l->count++] = (struct listener){ copy, fd };
	return 0;
}

/* One of that text that is not taken yet: there can be several of port 0. */
static int
find(const struct listeners *now, const struct listeners *taken,
    const char *text)
{
	size_t i;

	for (i = 0; i < now->count; i++)
		if (strcmp(now->all[i].text, text) == 0 &&
		    !listeners_have(taken, now->all[i].fd))
			return now->all[i].fd;
	return -1;
}

/* The descriptors of an entry: their number, or -1 after logging. Passed ones
 * are looked up anew each time, so that none counts as left over. */
static int
take(const struct listeners *now, const struct listeners *next,
    const char *text, struct activation *passed, int64_t until_ms, int *fds)
{
	struct listen_setting setting;
	const char *why;

	if (!listen_setting_parse(text, &setting, &why)) {
		log_error("cannot listen at %s: %s", text, why);
		return -1;
	}
	fds[0] = setting.name ? -1 : find(now, next, text);
	if (fds[0] >= 0 && !activation_owns(passed, fds[0]))
		return 1;
	return take_new(passed, &setting, fds, until_ms);
}

static bool
add(struct listeners *next, const struct listeners *now, const char *text,
    struct activation *passed, int64_t until_ms)
{
	int fds[ACTIVATION_MAX + 1];
	int i, count = take(now, next, text, passed, until_ms, fds);

	for (i = 0; i < count; i++)
		if (listeners_add(next, text, fds[i]) < 0)
			break;
	if (i == count)
		return true;
	for (; i < count; i++)
		if (!listeners_have(now, fds[i]))
			close_listener(passed, fds[i]);
	return false;
}

int
listeners_open(struct listeners *next, const struct listeners *now,
    const struct snapshot *set, struct activation *passed, int64_t until_ms)
{
	const char *text;
	size_t i;

	*next = (struct listeners){ NULL, 0 };
	activation_begin(passed);
	for (i = 0; i < set->count; i++) {
		text = snapshot_value(set, i, MANIFEST_LISTEN);
		if (!text || add(next, now, text, passed, until_ms))
			continue;
		listeners_close(next, now, passed);
		return -1;
	}
	activation_warn_unused(passed);
	return 0;
}

static void
forget(struct listeners *l)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		free(l->all[i].text);
	free(l->all);
	*l = (struct listeners){ NULL, 0 };
}

void
listeners_close(struct listeners *l, const struct listeners *kept,
    const struct activation *passed)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		if (!kept || !listeners_have(kept, l->all[i].fd))
			close_listener(passed, l->all[i].fd);
	forget(l);
}

void
listeners_drop(struct listeners *l)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		close(l->all[i].fd);
	forget(l);
}
