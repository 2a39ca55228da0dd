/* SPDX-License-Identifier: ISC */
#include "master/listener.h"

#include <errno.h>
#include <limits.h>
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
#include "base/descriptor.h"
#include "base/log.h"
#include "base/refused.h"
#include "master/holder.h"

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

void
listener_share(int fd, bool is_shared)
{
	const int value = is_shared;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &value, sizeof(value)) < 0)
		log_debug("setsockopt(%d, SO_REUSEPORT) = %s", fd,
		    strerror(errno));
}

void
listener_defer(int fd, bool is_deferred)
{
	/* The kernel counts in its own steps: until it repeats its SYN-ACK, after
	 * one second. */
	const int seconds = is_deferred;

	if (setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds,
		sizeof(seconds)) < 0 &&
	    errno != EOPNOTSUPP)
		log_debug("setsockopt(%d, TCP_DEFER_ACCEPT) = %s", fd,
		    strerror(errno));
}

void
listener_take_no_more(int fd)
{
	/* No packet comes by that interface. Who has begun to connect goes on,
	 * since his packets find his own connection. */
	static const int none = INT_MAX;

	if (setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &none, sizeof(none)) <
	    0)
		log_debug("setsockopt(%d, SO_BINDTOIFINDEX) = %s", fd,
		    strerror(errno));
}

static void
log_where(int fd)
{
	struct address bound = { .length = sizeof(bound.storage) };
	char text[ADDRESS_TEXT_BYTES];

	if (getsockname(fd, (struct sockaddr *)&bound.storage, &bound.length) ==
	    0)
		log_info("listening on %s",
		    address_format_listen(&bound, text));
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

/* The step that failed, or NULL. A socket is bound once: where another one is
 * bound to the address and begins to listen first, only listen(2) says that the
 * address is in use. */
static const char *
open_steps(int fd, const struct address *a, bool *is_bound)
{
	if (!set_options(fd, a->storage.ss_family))
		return "set the options of";
	if (is_unix(a) &&
	    !unix_socket_make_folder(unix_socket_path(sockaddr(a))))
		return "make the folder of";
	if (!*is_bound && bind_open(fd, a) < 0)
		return "bind";
	*is_bound = true;
	log_bind(fd, a);
	if (listen(fd, BACKLOG) < 0)
		return "listen on";
	log_debug("listen(%d, %d) = 0", fd, BACKLOG);
	return NULL;
}

const char *
listener_advice(int error, const struct address *a,
    char text[LISTENER_ADVICE_BYTES])
{
	char who[HOLDER_TEXT_BYTES];

	if (is_unix(a))
		return "";
	switch (error) {
	case EADDRINUSE:
		snprintf(text, LISTENER_ADVICE_BYTES,
		    ": %s; stop it or choose another address",
		    holder_describe(a, who));
		return text;
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
	bool is_bound = false;

	if (unix_socket_remove_stale(sockaddr(a), a->length, SOCK_STREAM) > 0)
		log_info("removing the stale socket %s",
		    unix_socket_path(sockaddr(a)));
	for (;;) {
		failed = open_steps(fd, a, &is_bound);
		if (!failed || errno != EADDRINUSE || is_unix(a) ||
		    clock_ms() >= until_ms)
			return failed;
		clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL);
		errno = EADDRINUSE;
	}
}

bool
listener_open(struct listener *l, const struct address *a, int64_t until_ms,
    bool beside)
{
	char text[ADDRESS_TEXT_BYTES], cure[LISTENER_ADVICE_BYTES];
	const char *failed;
	int fd;

	fd = socket(a->storage.ss_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		log_error("cannot make a socket for %s: %s%s",
		    address_format_listen(a, text), strerror(errno),
		    errno == EAFNOSUPPORT && !is_unix(a) ?
			": this machine has no such addresses (IPv6 may be "
			"switched off), or a policy refuses the family" :
			refused_hint(errno));
		return false;
	}
	log_debug("socket(%d, SOCK_STREAM) = %d", a->storage.ss_family, fd);
	if (beside)
		listener_share(fd, true);
	failed = try_steps(fd, a, until_ms);
	if (failed) {
		int error = errno;

		log_error("cannot %s %s: %s%s", failed,
		    address_format_listen(a, text), strerror(error),
		    listener_advice(error, a, cure));
		close(fd);
		return false;
	}
	if (beside)
		listener_share(fd, false);
	log_where(fd);
	*l = (struct listener){ NULL, fd, unix_socket_place(sockaddr(a)) };
	return true;
}

int
listener_try(const struct address *a)
{
	int fd, error = 0;

	fd = socket(a->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || !set_options(fd, a->storage.ss_family) ||
	    bind(fd, sockaddr(a), a->length) < 0)
		error = errno;
	descriptor_close(fd);
	return error;
}

void
listener_close(const struct listener *l)
{
	/* First, as an inode can be used again once nothing is bound to it. */
	unix_socket_remove(l->fd, l->place);
	close(l->fd);
}
