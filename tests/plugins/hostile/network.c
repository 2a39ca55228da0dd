/*
 * Deeds over sockets.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static int
call(int type, const char *port, int (*how)(int, const struct sockaddr *,
    socklen_t))
{
	struct sockaddr_in in = { .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)atoi(port)),
	    .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, type, 0);

	if (fd < 0)
		return -1;
	return how(fd, (const struct sockaddr *)&in, sizeof(in));
}

static const char *
do_connect(struct prong_request *r, const char *port)
{
	(void)r;
	return outcome(call(SOCK_STREAM, port, connect), "connected");
}

static const char *
datagram(struct prong_request *r, const char *port)
{
	(void)r;
	return outcome(call(SOCK_DGRAM, port, connect), "connected");
}

static const char *
do_bind(struct prong_request *r, const char *port)
{
	(void)r;
	return outcome(call(SOCK_STREAM, port, bind), "bound");
}

/* A socket that was never bound listens at a port of the kernel's choice. */
static const char *
do_listen(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	return outcome(listen(socket(AF_INET, SOCK_STREAM, 0), 1),
	    "listening");
}

/* "@name": abstract. */
static socklen_t
unix_address(struct sockaddr_un *un, const char *name)
{
	*un = (struct sockaddr_un){ .sun_family = AF_UNIX };
	strncpy(un->sun_path, name, sizeof(un->sun_path) - 1);
	if (name[0] == '@')
		un->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    strlen(name));
}

static const char *
connect_unix(struct prong_request *r, const char *name)
{
	struct sockaddr_un un;
	socklen_t length = unix_address(&un, name);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)r;
	if (fd < 0)
		return outcome(-1, NULL);
	return outcome(connect(fd, (const struct sockaddr *)&un, length),
	    "connected");
}

/* Without the system calls socket and connect. */
static const char *
send_unix(struct prong_request *r, const char *name)
{
	struct sockaddr_un un;
	socklen_t length = unix_address(&un, name);
	int fds[2];

	(void)r;
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, fds) < 0)
		return outcome(-1, NULL);
	return outcome(sendto(fds[0], "forged", 6, 0,
	    (const struct sockaddr *)&un, length), "sent");
}

/* Commands that a connection of one's own takes; none reaches others. */
static const char *
pair(struct prong_request *r, const char *argument)
{
	int fds[2];

	(void)r;
	(void)argument;
	return outcome(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), "made");
}

const struct deed network_deeds[] = {
	{ "connect", do_connect },
	{ "datagram", datagram },
	{ "bind", do_bind },
	{ "listen", do_listen },
	{ "connect_unix", connect_unix },
	{ "send_unix", send_unix },
	{ "pair", pair },
	{ NULL, NULL }
};
