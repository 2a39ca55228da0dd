/*
 * idle: keeps many connections to a server on this machine open, each after one
 * request that was answered with 200. Prints "idle=N" when all are there, or ends
 * by SIGALRM if that takes minutes, and waits for the end of its standard input.
 * Then it prints "open=N", the number of those that the server has not closed.
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answer.h"
#include "loopback.h"

#define PATIENCE_MS 10000
#define SPARE_FILES 16

/* All connections have to be there by then. */
#define OPENING_SECONDS 180

static const struct expectation expected = { .status = 200,
	.body_length = UINT64_MAX };

static _Noreturn void
fail(const char *what)
{
	fprintf(stderr, "idle: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
permit_files(size_t count)
{
	struct rlimit limit = { .rlim_cur = count + SPARE_FILES,
		.rlim_max = count + SPARE_FILES };
	struct rlimit now;

	if (getrlimit(RLIMIT_NOFILE, &now) == 0 &&
	    now.rlim_cur < limit.rlim_cur &&
	    setrlimit(RLIMIT_NOFILE, &limit) < 0)
		fail("RLIMIT_NOFILE");
}

static void
await(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };
	int n = poll(&p, 1, PATIENCE_MS);

	if (n == 0)
		errno = ETIMEDOUT;
	if (n <= 0)
		fail("poll");
}

static void
read_answer(int fd)
{
	static struct answer answer;
	static char buffer[65536];
	enum answer_state state = ANSWER_INCOMPLETE;

	answer_begin(&answer);
	while (state == ANSWER_INCOMPLETE) {
		ssize_t n;

		await(fd, POLLIN);
		n = recv(fd, buffer, sizeof(buffer), 0);
		if (n <= 0)
			fail("closed within an answer");
		state = answer_take(&answer, buffer, (size_t)n, &expected);
	}
	if (state != ANSWER_COMPLETE || answer.close) {
		fprintf(stderr,
		    "idle: a wrong answer, or a connection that "
		    "is not kept\n");
		exit(1);
	}
}

static int
open_connection(const struct loopback *address, const char *path)
{
	char head[1024];
	int length = snprintf(head, sizeof(head),
	    "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
	int fd = loopback_connect(address, 0);

	if (fd < 0)
		fail("connect");
	await(fd, POLLOUT);
	if (send(fd, head, (size_t)length, MSG_NOSIGNAL) != length)
		fail("send");
	read_answer(fd);
	return fd;
}

static bool
is_open(int fd)
{
	char octet;

	return recv(fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
	    errno == EAGAIN;
}

static void
await_end(void)
{
	char octet;

	while (read(STDIN_FILENO, &octet, 1) > 0)
		;
}

int
main(int argc, char *argv[])
{
	struct loopback address;
	size_t i, open = 0, count = argc == 4 ? strtoul(argv[1], NULL, 10) : 0;
	int *fds;

	if (count == 0 || count > 100000 || strlen(argv[2]) > 512 ||
	    !loopback_parse(argv[3], &address)) {
		fprintf(stderr, "usage: idle NUMBER PATH ADDRESS:PORT\n");
		return 2;
	}
	permit_files(count);
	fds = calloc(count, sizeof(fds[0]));
	if (!fds)
		fail("calloc");
	alarm(OPENING_SECONDS);
	for (i = 0; i < count; i++)
		fds[i] = open_connection(&address, argv[2]);
	alarm(0);
	printf("idle=%zu\n", count);
	fflush(stdout);
	await_end();
	for (i = 0; i < count; i++)
		open += is_open(fds[i]);
	printf("open=%zu\n", open);
	free(fds);
	return 0;
}
