/*
 * Deeds with what a connection has of its generation: the memory for a handoff,
 * and the client's socket, of which the porter has a descriptor; and with what
 * the kernel counts for the user of both.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/scoreboard.h"
#include "connection/handoff.h"
#include "connection/internal.h"

#define DESCRIPTORS   1024
#define IN_A_MESSAGE  253
#define HANDED_OFF    7 /* the exit status */
#define FILL_AT_ONCE  (1 << 16)
#define WITHOUT_LIMIT 100000

static int
socket_of(sa_family_t wanted, bool is_wanted)
{
	struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
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

int
client_socket(void)
{
	return socket_of(AF_UNIX, false);
}

/* The memory for a handoff, which the process has for good. */
static struct handoff *
handoff(struct prong_request *r)
{
	const struct channel *channel = ((struct request *)(void *)r)->channel;
	const struct connection *connection =
	    (const void *)((const char *)channel -
		offsetof(struct connection, channel));

	return connection->arguments->handoff;
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
	struct cmsghdr *header = &control.header;

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(header), fds, count * sizeof(int));
	return sendmsg(to, &message, MSG_NOSIGNAL | flags);
}

/* As connection/handoff.c does it. */
static _Noreturn void
hand_off(struct prong_request *r, const char *text)
{
	struct handoff *h = handoff(r);

	strcpy(h->octets, text);
	h->requests = 1;
	h->length = strlen(text);
	h->is_left = 1;
	_exit(HANDED_OFF);
}

/* Whoever closes the client's socket last waits for so many seconds. */
static bool
linger(const char *seconds)
{
	static char octets[FILL_AT_ONCE];
	const struct linger l = { 1, atoi(seconds) };
	int fd = client_socket();

	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)) < 0)
		return false;
	while (send(fd, octets, sizeof(octets), MSG_DONTWAIT | MSG_NOSIGNAL) >
	    0)
		continue;
	return true;
}

/* By that status, which may claim a handoff. */
static const char *
linger_and_exit(struct prong_request *r, const char *argument)
{
	char *status;

	(void)r;
	strtol(argument, &status, 10);
	if (!linger(argument))
		return outcome(-1, NULL);
	_exit(atoi(status));
}

static const char *
linger_and_hand_off(struct prong_request *r, const char *argument)
{
	if (!linger(argument))
		return outcome(-1, NULL);
	hand_off(r,
	    "GET /other/file HTTP/1.1\r\nHost: localhost\r\n"
	    "Connection: close\r\n\r\n");
}

/* A handoff without octets. */
static const char *
empty_handoff(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	_exit(HANDED_OFF);
}

/* A handoff of that length, whatever there is room for. */
static const char *
claim_octets(struct prong_request *r, const char *argument)
{
	handoff(r)->length = strtoull(argument, NULL, 10);
	handoff(r)->is_left = handoff(r)->length > 0;
	_exit(HANDED_OFF);
}

static const char *
hand_over(struct prong_request *r, const char *argument)
{
	char text[1024];

	snprintf(text, sizeof(text),
	    "GET %s HTTP/1.1\r\nHost: localhost\r\n"
	    "Connection: close\r\n\r\n",
	    argument);
	hand_off(r, text);
}

/* Again and again, as fast as can be, without a request of the client. */
static const char *
go_round(struct prong_request *r, const char *argument)
{
	const struct channel *channel = ((struct request *)(void *)r)->channel;

	(void)argument;
	channel->page->handler[0] = '\0';
	hand_off(r,
	    "GET /hostile?do=go_round HTTP/1.1\r\n"
	    "Host: localhost\r\n\r\n");
}

/* The same when another socket has the number of the client's. */
static const char *
confuse(struct prong_request *r, const char *argument)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 ||
	    dup2(pair[0], client_socket()) < 0)
		return outcome(-1, NULL);
	return hand_over(r, argument);
}

/* The accepted socket, connected to somebody else, who asks for another route: a
 * port, and the path. */
static const char *
reconnect(struct prong_request *r, const char *argument)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char *path;

	to.sin_port = htons((uint16_t)strtoul(argument, &path, 10));
	if (connect(client_socket(), &none, sizeof(none)) < 0 ||
	    connect(client_socket(), (struct sockaddr *)&to, sizeof(to)) < 0)
		return outcome(-1, NULL);
	return hand_over(r, path + 1);
}

/* Over which descriptors could be sent to others. */
static const char *
find_unix_socket(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	return socket_of(AF_UNIX, true) < 0 ? "none" : "found";
}

/* As many as the kernel lets this process send, in ever smaller messages. */
static int
send_all(void)
{
	int fds[IN_A_MESSAGE] = { 0 }, pair[2], sent = 0;
	size_t count = IN_A_MESSAGE;

	while (count > 0 && sent < WITHOUT_LIMIT &&
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0) {
		while (pass(pair[0], "x", 1, fds, count, MSG_DONTWAIT) > 0)
			sent += (int)count;
		if (errno == ETOOMANYREFS)
			count /= 2;
	}
	return sent;
}

/* Descriptors in flight, which the kernel counts for the user. */
static const char *
fly(struct prong_request *r, const char *argument)
{
	struct rlimit limit;

	(void)argument;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	prong_printf(r, "%d in flight\n", send_all());
	prong_flush(r);
	/* Until the client goes, and what others give back is taken. */
	while (prong_write(r, ".", 1) == 0 && prong_flush(r) == 0) {
		send_all();
		usleep(20000);
	}
	return NULL;
}

const struct deed channel_deeds[] = { { "linger_and_exit", linger_and_exit },
	{ "linger_and_hand_off", linger_and_hand_off },
	{ "empty_handoff", empty_handoff }, { "claim_octets", claim_octets },
	{ "hand_over", hand_over }, { "reconnect", reconnect },
	{ "confuse", confuse }, { "go_round", go_round },
	{ "find_unix_socket", find_unix_socket }, { "fly", fly },
	{ NULL, NULL } };
