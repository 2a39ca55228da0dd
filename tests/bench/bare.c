/* SPDX-License-Identifier: ISC */
#include "bare.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BODY_BYTES 1024

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(1);
}

static int
listen_somewhere(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t length = sizeof(in);
	static const int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&in, length) < 0 ||
	    listen(fd, 4096) < 0 ||
	    getsockname(fd, (struct sockaddr *)&in, &length) < 0)
		die("listen");
	printf("listening on 127.0.0.1:%u\n", (unsigned)ntohs(in.sin_port));
	fflush(stdout);
	return fd;
}

_Noreturn void
bare_accept(void (*serve)(int fd))
{
	int listener = listen_somewhere();

	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		pid_t pid = fd < 0 ? -1 : fork();

		if (pid == 0) {
			close(listener);
			serve(fd);
			_exit(0);
		}
		if (fd < 0 || pid < 0)
			die(fd < 0 ? "accept4" : "fork");
		close(fd);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

bool
bare_read_head(int fd)
{
	char head[4096];
	size_t length = 0;
	ssize_t n;

	while (length < sizeof(head)) {
		n = read(fd, head + length, sizeof(head) - length);
		if (n <= 0)
			return false;
		length += (size_t)n;
		if (length >= 4 &&
		    memcmp(head + length - 4, "\r\n\r\n", 4) == 0)
			return true;
	}
	return false;
}

bool
bare_answer(int fd, bool keep_alive)
{
	char answer[BODY_BYTES + 256];
	int n = snprintf(answer, 256,
	    "HTTP/1.1 200 OK\r\n"
	    "Content-Type: text/plain\r\nContent-Length: %d\r\n%s\r\n",
	    BODY_BYTES, keep_alive ? "" : "Connection: close\r\n");

	memset(answer + n, 'x', BODY_BYTES);
	return write(fd, answer, (size_t)n + BODY_BYTES) == n + BODY_BYTES;
}
