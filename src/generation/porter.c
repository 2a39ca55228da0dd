/* SPDX-License-Identifier: ISC */
#include "generation/porter.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/dontfork.h"
#include "base/fdpass.h"
#include "generation/helper.h"
#include "generation/porter_messages.h"

#define CATCH_UP_MS 20

struct porter {
	int socket;
	pid_t pid;
	uint64_t number; /* of the last socket */
	/* Those that were to be dropped while the porter's queue was full. As
	 * none is kept meanwhile, there are at most as many as connections. */
	size_t late_count, connections;
	uint64_t late[];
};

static bool
open_socket(struct porter *p, int private_base, int *other)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return false;
	*other = fds[1];
	p->socket = fds[0];
	if (descriptor_move(&p->socket, private_base) == 0)
		return true;
	close(fds[0]);
	close(fds[1]);
	return false;
}

struct porter *
porter_start(const char *title, int private_base, size_t connections)
{
	struct porter *p = dontfork_alloc(sizeof(*p) +
	    connections * sizeof(p->late[0]));
	pid_t pid;
	int other;

	if (!p)
		return NULL;
	p->connections = connections;
	if (!open_socket(p, private_base, &other))
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

/* With that descriptor; -1: none. */
static int
send_order(int socket, enum porter_order order, uint64_t number, int fd)
{
	struct porter_message message = { .number = number,
		.order = (uint32_t)order };
	const struct iovec iov = { &message, sizeof(message) };

	return fdpass_send(socket, &iov, 1, &fd, fd >= 0, MSG_DONTWAIT) < 0 ?
	    -1 :
	    0;
}

/* False: the order has to be given again. An ended porter has closed all. */
static bool
send_drop(const struct porter *p, uint64_t number)
{
	return send_order(p->socket, PORTER_DROP, number, -1) == 0 ||
	    errno == EPIPE || errno == ECONNRESET;
}

/* True when none is left. */
static bool
drop_late(struct porter *p)
{
	size_t n = 0;

	while (n < p->late_count && send_drop(p, p->late[n]))
		n++;
	p->late_count -= n;
	if (n > 0)
		memmove(p->late, p->late + n,
		    p->late_count * sizeof(p->late[0]));
	return p->late_count == 0;
}

uint64_t
porter_keep(struct porter *p, int socket)
{
	if (!drop_late(p) ||
	    send_order(p->socket, PORTER_KEEP, p->number + 1, socket) < 0)
		return 0;
	return ++p->number;
}

void
porter_drop(struct porter *p, uint64_t number)
{
	if (drop_late(p) && send_drop(p, number))
		return;
	assert(p->late_count < p->connections);
	p->late[p->late_count++] = number;
}

int64_t
porter_catch_up(struct porter *p)
{
	return drop_late(p) ? INT64_MAX : clock_ms() + CATCH_UP_MS;
}

int
porter_claim(int socket, uint64_t number)
{
	int pair[2], fds[FDPASS_MAX] = { -1 }, sent;
	char octet = 0;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	sent = send_order(socket, PORTER_CLAIM, number, pair[1]);
	close(pair[1]);
	if (sent == 0)
		while (fdpass_receive(pair[0], &octet, 1, fds, 0) < 0 &&
		    errno == EINTR)
			continue;
	close(pair[0]);
	return fds[0];
}
