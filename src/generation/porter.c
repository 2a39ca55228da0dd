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

/* An order that was given while the porter's queue was full. */
struct late {
	struct porter_message message;
	int fd; /* -1: none */
};

struct porter {
	int socket;
	pid_t pid;
	int private_base;
	uint64_t number; /* of the last socket */
	size_t connections;
	int *workers; /* the socket of each place, behind late */
	size_t worker_count;
	/* In their order. As none is kept meanwhile, there are at most as many to
	 * drop as connections. */
	size_t late_count, late_drops, others_max;
	struct late late[];
};

/* Two ends: the porter's has any number, the other a private one. */
static bool
open_pair(int private_base, int *own, int *other)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return false;
	*other = fds[1];
	*own = fds[0];
	if (descriptor_move(own, private_base) == 0)
		return true;
	descriptor_close(fds[0]);
	descriptor_close(fds[1]);
	return false;
}

/* Those without workers have no order late but to drop. */
static struct porter *
allocate(int private_base, size_t connections, size_t workers)
{
	const size_t others = workers > 0 ? connections + workers : 0,
		     late = connections + others;
	struct porter *p = dontfork_alloc(sizeof(*p) +
	    late * sizeof(p->late[0]) + workers * sizeof(p->workers[0]));

	if (!p)
		return NULL;
	p->private_base = private_base;
	p->connections = connections;
	p->others_max = others;
	p->workers = (int *)(void *)(p->late + late);
	return p;
}

/* The porter's ends to others. worker_count says how many were opened. */
static bool
open_workers(struct porter *p, size_t workers, int *others)
{
	for (; p->worker_count < workers; p->worker_count++)
		if (!open_pair(p->private_base, &p->workers[p->worker_count],
			&others[p->worker_count]))
			return false;
	return true;
}

static void
close_all(const int *fds, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		descriptor_close(fds[i]);
}

/* others has room for an end of each. The helper does not inherit the memory of
 * the structure. */
static bool
start(struct porter *p, const char *title, size_t connections,
    const struct porter_workers *workers, int *others)
{
	pid_t pid = -1;

	if (open_workers(p, workers->count, others + 1))
		pid = helper_fork(title, others, 1 + workers->count);
	if (pid == 0)
		porter_run(others, workers, connections);
	close_all(others + 1, p->worker_count);
	p->pid = pid;
	if (pid > 0)
		return true;
	close_all(p->workers, p->worker_count);
	return false;
}

struct porter *
porter_start(const char *title, int private_base, size_t connections,
    const struct porter_workers *workers)
{
	struct porter *p = NULL;
	int others[1 + PORTER_PLACES_MAX];
	bool is_started;

	if (workers->count <= PORTER_PLACES_MAX)
		p = allocate(private_base, connections, workers->count);
	else
		errno = EINVAL;
	if (!p || !open_pair(private_base, &p->socket, &others[0]))
		return NULL;
	is_started = start(p, title, connections, workers, others);
	descriptor_close(others[0]);
	if (is_started)
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

int
porter_worker_socket(const struct porter *p, size_t place)
{
	assert(place < p->worker_count);
	return p->workers[place];
}

/*
 * Orders.
 */

/* False: the order has to be given again. An ended porter has closed all. */
static bool
send_now(const struct porter *p, const struct late *l)
{
	return porter_send(p->socket, &l->message, l->fd) == 0 ||
	    errno == EPIPE || errno == ECONNRESET;
}

/* The descriptor of an order that was given. Its queue, which may have what a
 * worker has sent, is the porter's. */
static void
settle(struct porter *p, const struct late *l)
{
	descriptor_close(l->fd);
	p->late_drops -= l->message.order == PORTER_DROP;
}

/* True when none is left. */
static bool
send_late(struct porter *p)
{
	size_t n = 0;

	while (n < p->late_count && send_now(p, &p->late[n]))
		settle(p, &p->late[n++]);
	p->late_count -= n;
	if (n > 0)
		memmove(p->late, p->late + n,
		    p->late_count * sizeof(p->late[0]));
	return p->late_count == 0;
}

/* Whether an order other than to drop can be late. */
static bool
has_room(const struct porter *p)
{
	return p->late_count - p->late_drops < p->others_max;
}

/* Gives it, now or later. */
static void
give(struct porter *p, const struct late *l)
{
	p->late_drops += l->message.order == PORTER_DROP;
	if (send_late(p) && send_now(p, l))
		settle(p, l);
	else
		p->late[p->late_count++] = *l;
}

static struct late
order_of(enum porter_order order, uint64_t number)
{
	return (struct late){ { .number = number, .order = (uint32_t)order },
		-1 };
}

uint64_t
porter_keep(struct porter *p, int socket)
{
	const struct late order = order_of(PORTER_KEEP, p->number + 1);

	if (!send_late(p) || porter_send(p->socket, &order.message, socket) < 0)
		return 0;
	return ++p->number;
}

void
porter_drop(struct porter *p, uint64_t number)
{
	const struct late order = order_of(PORTER_DROP, number);

	assert(p->late_drops < p->connections);
	give(p, &order);
}

void
porter_adopt(struct porter *p, uint64_t number)
{
	const struct late order = order_of(PORTER_ADOPT, number);

	/* Else the claim has to do. */
	if (has_room(p))
		give(p, &order);
}

bool
porter_pass(struct porter *p, uint64_t number, size_t place, bool is_refused)
{
	struct late order = order_of(PORTER_PASS, number);

	order.message.other = place;
	order.message.is_refused = is_refused;
	if (!has_room(p))
		return false;
	give(p, &order);
	return true;
}

bool
porter_pass_kept(struct porter *p, uint64_t number, size_t place,
    const struct connection_facts *facts)
{
	struct porter_pass pass = { .message = { .number = number,
					.other = place,
					.order = PORTER_PASS } };
	const struct iovec iov = { &pass, sizeof(pass) };

	porter_facts_put(&pass.facts, facts);
	return send_late(p) &&
	    fdpass_send(p->socket, &iov, 1, NULL, 0, MSG_DONTWAIT) >= 0;
}

void
porter_refuse(struct porter *p, uint64_t number)
{
	const struct late order = order_of(PORTER_REFUSE, number);

	/* Else the end of its worker has to do. */
	if (has_room(p))
		give(p, &order);
}

int
porter_forget(struct porter *p, size_t place)
{
	struct late order = order_of(PORTER_FORGET, place);
	int own;

	assert(place < p->worker_count);
	if (!has_room(p)) {
		errno = EAGAIN;
		return -1;
	}
	if (!open_pair(p->private_base, &own, &order.fd))
		return -1;
	if (descriptor_move(&order.fd, p->private_base) < 0) {
		close_all((int[]){ own, order.fd }, 2);
		return -1;
	}
	/* The worker has ended, and nothing was sent to it, so this waits for
	 * nobody. */
	descriptor_close(p->workers[place]);
	p->workers[place] = own;
	give(p, &order);
	return 0;
}

int64_t
porter_catch_up(struct porter *p)
{
	return send_late(p) ? INT64_MAX : clock_ms() + CATCH_UP_MS;
}

int
porter_claim(int socket, uint64_t number)
{
	int fds[FDPASS_MAX] = { -1 };
	char octet = 0;

	return porter_ask(socket, PORTER_CLAIM, number, &octet, 1, fds) < 0 ?
	    -1 :
	    fds[0];
}
