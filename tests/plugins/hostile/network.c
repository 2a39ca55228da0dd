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
#include <sys/wait.h>
#include <unistd.h>

#define MOST_TRIES 20

static int
call(int type, const char *port,
    int (*how)(int, const struct sockaddr *, socklen_t))
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
	return outcome(listen(socket(AF_INET, SOCK_STREAM, 0), 1), "listening");
}

/* "@name": abstract. */
static socklen_t
unix_address(struct sockaddr_un *un, const char *name)
{
	*un = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(un->sun_path, name, strnlen(name, sizeof(un->sun_path) - 1));
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
			   (const struct sockaddr *)&un, length),
	    "sent");
}

/* "PATH REQUEST": asks the master as prong(1) does; the beginning of what it
 * says. */
static const char *
ask(const char *argument)
{
	static char path[108], answer[200];
	const char *space = strchr(argument, ' ');
	struct sockaddr_un un;
	socklen_t length;
	ssize_t n;
	int fd;

	if (!space || (size_t)(space - argument) >= sizeof(path))
		return "what?";
	memcpy(path, argument, (size_t)(space - argument));
	length = unix_address(&un, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&un, length) < 0 ||
	    send(fd, space + 1, strlen(space + 1), MSG_NOSIGNAL) < 0)
		return outcome(-1, NULL);
	n = recv(fd, answer, sizeof(answer) - 1, 0);
	if (n <= 0)
		return n < 0 ? outcome(-1, NULL) : "silence";
	answer[n] = '\0';
	return answer;
}

static const char *
ask_master(struct prong_request *r, const char *argument)
{
	(void)r;
	return ask(argument);
}

/* From a process whose parent has ended, so that it is another's child, and
 * that has left its group and session. NULL: it was ended first. */
static const char *
ask_as_orphan_once(const char *argument)
{
	static char answer[200];
	int ends[2], gone[2];
	pid_t pid;
	ssize_t n;

	if (pipe(ends) < 0 || pipe(gone) < 0)
		return outcome(-1, NULL);
	pid = fork();
	if (pid == 0 && fork() == 0) {
		const char *told;
		char octet;

		setsid();
		/* Until the connection has waited for the parent. */
		close(gone[1]);
		if (read(gone[0], &octet, 1) != 0)
			_exit(1);
		told = ask(argument);
		n = write(ends[1], told, strlen(told));
		_exit(n < 0);
	}
	if (pid == 0)
		_exit(0);
	close(ends[1]);
	if (pid < 0)
		return outcome(-1, NULL);
	waitpid(pid, NULL, 0);
	close(gone[0]);
	close(gone[1]);
	n = read(ends[0], answer, sizeof(answer) - 1);
	close(ends[0]);
	if (n <= 0)
		return NULL;
	answer[n] = '\0';
	return answer;
}

/* The server ends orphans now and then. */
static const char *
ask_as_orphan(struct prong_request *r, const char *argument)
{
	const char *told = NULL;
	int i;

	(void)r;
	for (i = 0; i < MOST_TRIES && !told; i++)
		told = ask_as_orphan_once(argument);
	return told ? told : "silence";
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

const struct deed network_deeds[] = { { "connect", do_connect },
	{ "datagram", datagram }, { "bind", do_bind }, { "listen", do_listen },
	{ "connect_unix", connect_unix }, { "send_unix", send_unix },
	{ "pair", pair }, { "ask_master", ask_master },
	{ "ask_as_orphan", ask_as_orphan }, { NULL, NULL } };
