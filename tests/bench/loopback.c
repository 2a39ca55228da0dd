/* SPDX-License-Identifier: ISC */
#include "loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

static bool
parse_unix(const char *path, struct loopback *a)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	if (*path != '/' || strlen(path) >= sizeof(un.sun_path))
		return false;
	memcpy(un.sun_path, path, strlen(path) + 1);
	memcpy(&a->storage, &un, sizeof(un));
	a->length = sizeof(un);
	return true;
}

static bool
parse_ipv4(const char *host, unsigned port, struct loopback *a)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };

	if (inet_pton(AF_INET, host, &in.sin_addr) != 1 ||
	    ntohl(in.sin_addr.s_addr) >> 24 != IN_LOOPBACKNET)
		return false;
	memcpy(&a->storage, &in, sizeof(in));
	a->length = sizeof(in);
	return true;
}

static bool
parse_ipv6(const char *host, unsigned port, struct loopback *a)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)port) };

	if (inet_pton(AF_INET6, host, &in6.sin6_addr) != 1 ||
	    !IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr))
		return false;
	memcpy(&a->storage, &in6, sizeof(in6));
	a->length = sizeof(in6);
	return true;
}

bool
loopback_parse(const char *text, struct loopback *a)
{
	char host[64];
	unsigned port;

	if (strncmp(text, "unix:", 5) == 0)
		return parse_unix(text + 5, a);
	if (sscanf(text, "[%63[0-9a-fA-F:]]:%5u", host, &port) == 2)
		return port <= UINT16_MAX && parse_ipv6(host, port, a);
	if (sscanf(text, "%63[0-9.]:%5u", host, &port) == 2)
		return port <= UINT16_MAX && parse_ipv4(host, port, a);
	return false;
}

int
loopback_connect(const struct loopback *a, int buffer_bytes)
{
	static const int on = 1;
	int fd = socket(a->storage.ss_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0)
		return -1;
	if (a->storage.ss_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (buffer_bytes > 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes,
		    sizeof(buffer_bytes));
	if (connect(fd, (const struct sockaddr *)&a->storage, a->length) == 0 ||
	    errno == EINPROGRESS)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}
