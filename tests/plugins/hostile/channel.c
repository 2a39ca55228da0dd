/*
 * Deeds with what a connection has of its generation: the hand-off socket, the
 * tie, and the client's socket, of which others have a descriptor for a moment.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define DESCRIPTORS   1024
#define IN_A_MESSAGE  253
#define HANDED_OFF    7 /* the exit status */
#define FILL_AT_ONCE  (1 << 16)
#define WITHOUT_LIMIT 100000

static int
socket_of(sa_family_t wanted, bool is_wanted)
{
	struct sockaddr_storage address;
	socklen_t length;

	for (int fd = 3; fd < DESCRIPTORS; fd++) {
		length = sizeof(address);
		if (getsockname(fd, (struct sockaddr *)&address, &length) ==
			0 &&
		    (address.ss_family == wanted) == is_wanted)
			return fd;
	}
	return -1;
}

static int
client(void)
{
	return socket_of(AF_UNIX, false);
}

static int
handoff(void)
{
	return socket_of(AF_UNIX, true);
}

static ssize_t
pass(int to, const void *octets, size_t length, const int *fds, size_t count,
    int flags)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(IN_A_MESSAGE * sizeof(int))];
	} control = { .space = { 0 } };
	struct iovec iov = { (void *)(uintptr_t)octets, length };
	struct msghdr message = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(count * sizeof(int)) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(header), fds, count * sizeof(int));
	return sendmsg(to, &message, MSG_NOSIGNAL | flags);
}

static int
file_of(const char *text)
{
	int fd = memfd_create("hostile", 0);

	return fd >= 0 && write(fd, text, strlen(text)) >= 0 ? fd : -1;
}

/* As connection/handoff.c does it: a count, the socket, the octets. */
static ssize_t
hand_off(int socket, int unread)
{
	const uint64_t requests = 1;
	const int fds[] = { socket, unread };

	return pass(handoff(), &requests, sizeof(requests), fds, 2, 0);
}

/* Whoever closes the client's socket last waits for so many seconds. */
static bool
linger(const char *seconds)
{
	static char octets[FILL_AT_ONCE];
	const struct linger l = { 1, atoi(seconds) };
	int fd = client();

	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)) < 0)
		return false;
	while (send(fd, octets, sizeof(octets), MSG_DONTWAIT | MSG_NOSIGNAL) >
	    0)
		continue;
	return true;
}

static const char *
linger_and_exit(struct prong_request *r, const char *argument)
{
	(void)r;
	if (!linger(argument))
		return outcome(-1, NULL);
	_exit(0);
}

/* The socket lies in the queue when the process has ended. */
static const char *
linger_in_queue(struct prong_request *r, const char *argument)
{
	char *status;
	long seconds = strtol(argument, &status, 10);

	(void)r;
	(void)seconds;
	if (!linger(argument) || hand_off(client(), client()) < 0)
		return outcome(-1, NULL);
	_exit(atoi(status));
}

static const char *
shut_handoff(struct prong_request *r, const char *argument)
{
	(void)r;
	return outcome(shutdown(handoff(), atoi(argument)), "shut");
}

/* As many messages with as many descriptors as it takes. */
static const char *
fill_handoff(struct prong_request *r, const char *argument)
{
	int fds[IN_A_MESSAGE], fd = handoff(), n;

	(void)r;
	for (n = 0; n < IN_A_MESSAGE; n++)
		fds[n] = fd;
	for (n = 0; n < WITHOUT_LIMIT; n++)
		if (pass(fd, "x", 1, fds, IN_A_MESSAGE, MSG_DONTWAIT) < 0)
			break;
	_exit(atoi(argument));
}

static const char *
empty_handoff(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	_exit(HANDED_OFF);
}

/* Asks for another route by a socket that is no client's. */
static const char *
confuse(struct prong_request *r, const char *argument)
{
	char text[1024];
	int pair[2];

	(void)r;
	snprintf(text, sizeof(text),
	    "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", argument);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 ||
	    hand_off(pair[0], file_of(text)) < 0)
		return outcome(-1, NULL);
	_exit(HANDED_OFF);
}

/* The same by its own client's socket, which is its right. */
static const char *
hand_over(struct prong_request *r, const char *argument)
{
	char text[1024];

	(void)r;
	snprintf(text, sizeof(text),
	    "GET %s HTTP/1.1\r\nHost: localhost\r\n"
	    "Connection: close\r\n\r\n",
	    argument);
	if (hand_off(client(), file_of(text)) < 0)
		return outcome(-1, NULL);
	_exit(HANDED_OFF);
}

/* The octets come from what is no file, or from too large a file. */
static const char *
strange_octets(struct prong_request *r, const char *argument)
{
	int pipe_fds[2], fd = file_of("");

	(void)r;
	if (strcmp(argument, "pipe") == 0)
		fd = pipe(pipe_fds) == 0 ? pipe_fds[0] : -1;
	else if (strcmp(argument, "handoff") == 0)
		fd = handoff();
	else if (ftruncate(fd, atoll(argument)) < 0)
		return outcome(-1, NULL);
	if (hand_off(client(), fd) < 0)
		return outcome(-1, NULL);
	_exit(HANDED_OFF);
}

/* Two handoffs, and more behind them. */
static const char *
hand_off_twice(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	for (int i = 0; i < 2; i++)
		if (hand_off(client(),
			file_of("GET /known HTTP/1.1\r\n"
				"Host: localhost\r\n"
				"Connection: close\r\n\r\n")) < 0)
			return outcome(-1, NULL);
	send(handoff(), "more", 4, MSG_NOSIGNAL);
	_exit(HANDED_OFF);
}

/* Claims to be a client for the next process to believe. */
static const char *
forge_facts(struct prong_request *r, const char *argument)
{
	static char octets[4096];

	(void)r;
	send(handoff(), octets, (size_t)atoi(argument), MSG_NOSIGNAL);
	if (hand_off(client(), file_of("GET /known HTTP/1.1\r\n\r\n")) < 0)
		return outcome(-1, NULL);
	_exit(HANDED_OFF);
}

/* A descriptor that has no file at all: a pidfd. */
static bool
is_pidfd(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == 0 &&
	    lseek(fd, 0, SEEK_END) < 0 && errno == ESPIPE;
}

/* Or, on a kernel without these, a pipe. */
static bool
is_pipe(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) &&
	    (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY;
}

static int
tie(void)
{
	int fd;

	for (fd = 3; fd < DESCRIPTORS; fd++)
		if (is_pidfd(fd))
			return fd;
	for (fd = 3; fd < DESCRIPTORS; fd++)
		if (is_pipe(fd))
			return fd;
	return -1;
}

static const char *
write_tie(struct prong_request *r, const char *argument)
{
	char path[64];
	int fd = tie();

	(void)r;
	if (fd < 0)
		return "no tie";
	if (strcmp(argument, "again") == 0) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		fd = open(path, O_WRONLY | O_NONBLOCK);
	}
	return outcome(fd < 0 ? -1 : write(fd, "x", 1), "written");
}

static const char *
read_tie(struct prong_request *r, const char *argument)
{
	char octet;

	(void)r;
	(void)argument;
	return outcome(read(tie(), &octet, 1), "read");
}

static const char *
shut_tie(struct prong_request *r, const char *argument)
{
	(void)r;
	return outcome(shutdown(tie(), atoi(argument)), "shut");
}

/* So many descriptors in flight, which the kernel counts for the user. */
static const char *
fly(struct prong_request *r, const char *argument)
{
	int fds[IN_A_MESSAGE], pair[2], sent = 0;
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	for (int i = 0; i < IN_A_MESSAGE; i++)
		fds[i] = STDIN_FILENO;
	while (sent < atoi(argument) &&
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0 &&
	    pass(pair[0], "x", 1, fds, IN_A_MESSAGE, MSG_DONTWAIT) > 0)
		sent += IN_A_MESSAGE;
	prong_printf(r, "flying\n");
	prong_flush(r);
	/* Until the client goes. */
	while (prong_write(r, ".", 1) == 0 && prong_flush(r) == 0)
		usleep(20000);
	return NULL;
}

const struct deed channel_deeds[] = { { "linger_and_exit", linger_and_exit },
	{ "linger_in_queue", linger_in_queue },
	{ "shut_handoff", shut_handoff }, { "fill_handoff", fill_handoff },
	{ "empty_handoff", empty_handoff }, { "confuse", confuse },
	{ "hand_over", hand_over }, { "strange_octets", strange_octets },
	{ "hand_off_twice", hand_off_twice }, { "forge_facts", forge_facts },
	{ "write_tie", write_tie }, { "read_tie", read_tie },
	{ "shut_tie", shut_tie }, { "fly", fly }, { NULL, NULL } };
