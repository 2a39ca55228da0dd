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
#include <time.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/log.h"

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

	if (family == AF_UNIX) {
		unix_socket_refuse_descriptors(fd);
		return true;
	}
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

bool
listener_open(struct listener *l, const struct address *a, int64_t until_ms)
{
	char text[ADDRESS_TEXT_BYTES];
	const char *failed;
	int fd;

	fd = socket(a->storage.ss_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		log_error("cannot make a socket for %s: %s",
		    address_format(a, text), strerror(errno));
		return false;
	}
	log_debug("socket(%d, SOCK_STREAM) = %d", a->storage.ss_family, fd);
	failed = try_steps(fd, a, until_ms);
	if (failed) {
		log_error("cannot %s %s: %s%s", failed, address_format(a, text),
		    strerror(errno), is_unix(a) ? "" : advice(errno));
		close(fd);
		return false;
	}
	log_where(fd);
	*l = (struct listener){ NULL, fd, unix_socket_place(sockaddr(a)) };
	return true;
}

void
listener_close(const struct listener *l)
{
	/* First, as an inode can be used again once nothing is bound to it. */
	unix_socket_remove(l->fd, l->place);
	close(l->fd);
}
