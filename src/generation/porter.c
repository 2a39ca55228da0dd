/* SPDX-License-Identifier: ISC */
#include "generation/porter.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/dontfork.h"
#include "base/fdpass.h"
#include "connection/handoff.h"
#include "generation/helper.h"
#include "generation/porter_messages.h"

struct porter {
	int socket;
	int private_base;
	pid_t pid;
	uint64_t number; /* of the last end */
};

static bool
open_socket(struct porter *p, int *other)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return false;
	*other = fds[1];
	p->socket = fds[0];
	if (descriptor_move(&p->socket, p->private_base) == 0)
		return true;
	close(fds[0]);
	close(fds[1]);
	return false;
}

struct porter *
porter_start(const char *title, int private_base)
{
	struct porter *p = dontfork_alloc(sizeof(*p));
	pid_t pid;
	int other;

	if (!p)
		return NULL;
	p->private_base = private_base;
	if (!open_socket(p, &other))
		return NULL;
	/* The helper does not inherit the memory of the structure. */
	pid = helper_fork(title, &other, 1);
	if (pid == 0)
		porter_run(other);
	descriptor_close(other);
	p->pid = pid;
	if (pid > 0)
		return p;
	descriptor_close(p->socket);
	return NULL;
}

pid_t
porter_pid(const struct porter *p)
{
	return p->pid;
}

int
porter_socket(const struct porter *p)
{
	return p->socket;
}

/* The porter gets a copy of that descriptor; -1: none. It never lets its socket
 * fill up as long as it runs. */
static int
send_message(int socket, enum porter_order order, uint64_t number, int fd)
{
	struct porter_message message = { .number = number,
		.order = (uint32_t)order };
	const struct iovec iov = { &message, sizeof(message) };

	return fdpass_send(socket, &iov, 1, &fd, fd >= 0, MSG_DONTWAIT) < 0 ?
	    -1 :
	    0;
}

bool
porter_next(struct porter *p, struct porter_end *end)
{
	int fds[2], sent;

	*end = (struct porter_end){ .fd = -1 };
	if (handoff_open(fds) < 0)
		return false;
	sent = send_message(p->socket, PORTER_KEEP, p->number + 1, fds[0]);
	descriptor_close(fds[0]);
	if (sent == 0 && descriptor_move(&fds[1], p->private_base) == 0) {
		*end = (struct porter_end){ fds[1], ++p->number };
		return true;
	}
	descriptor_close(fds[1]);
	return false;
}

void
porter_drop(struct porter *p, uint64_t number)
{
	/* Without the message the porter does so later. */
	(void)send_message(p->socket, PORTER_DROP, number, -1);
}

int
porter_claim(int socket, uint64_t number)
{
	int pair[2], fds[FDPASS_MAX] = { -1 }, sent;
	char octet = 0;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	sent = send_message(socket, PORTER_CLAIM, number, pair[1]);
	/* When there are too many descriptors in flight, those of this queue
	 * may be the cause. */
	if (sent < 0)
		send_message(socket, PORTER_DROP, number, -1);
	close(pair[1]);
	if (sent == 0)
		while (fdpass_receive(pair[0], &octet, 1, fds, 0) < 0 &&
		    errno == EINTR)
			continue;
	close(pair[0]);
	return fds[0];
}
