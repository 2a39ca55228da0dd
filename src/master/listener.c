/* SPDX-License-Identifier: ISC */
#include "master/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "config/listen_setting.h"
#include "master/activation.h"

/* The kernel cuts it to net.core.somaxconn, 4096 by default (listen(2)). */
#define BACKLOG 4096

/* How soon an address that is in use is tried again. */
#define RETRY_MS 20

static const struct sockaddr *
sockaddr(const struct address *a)
{
	return (const struct sockaddr *)&a->storage;
}

static const char *
unix_path(const struct address *a)
{
	if (a->storage.ss_family != AF_UNIX)
		return NULL;
	return ((const struct sockaddr_un *)(const void *)&a->storage)
	    ->sun_path;
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

/*
 * A socket file whose server has gone stays behind and would make bind fail.
 * It is removed only when it is a socket and a connection to it is refused. A
 * server whose backlog is full lives: connecting to it must not block.
 */
static void
remove_stale(const struct address *a)
{
	const char *path = unix_path(a);
	struct stat st;
	int fd;

	if (!path || lstat(path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	if (connect(fd, sockaddr(a), a->length) < 0 && errno == ECONNREFUSED) {
		log_info("removing the stale socket %s", path);
		unlink(path);
	}
	close(fd);
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
	/* Accepted sockets inherit it: answers are written whole. */
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

	remove_stale(a);
	for (;;) {
		failed = open_steps(fd, a);
		if (!failed || errno != EADDRINUSE || unix_path(a) ||
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
		    strerror(errno), unix_path(a) ? "" : advice(errno));
		close(fd);
		return -1;
	}
	log_where(fd);
	return fd;
}

/* Passed sockets. */

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

int
listener_take(struct activation *a, const struct listen_setting *s, int *fds,
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

void
listener_close(const struct activation *a, int fd)
{
	struct address bound = { .length = sizeof(bound.storage) };
	const char *path;

	if (activation_owns(a, fd))
		return;
	if (getsockname(fd, (struct sockaddr *)&bound.storage, &bound.length) ==
		0 &&
	    (path = unix_path(&bound)) && *path == '/')
		unlink(path);
	close(fd);
}
