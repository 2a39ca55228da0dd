/* SPDX-License-Identifier: ISC */
#include "generation/porter_place.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/memfd.h"
#include "generation/closer.h"
#include "generation/porter_kept.h"
#include "generation/porter_messages.h"
#include "generation/porter_parcel.h"

#define HEAD_BYTES (offsetof(struct porter_parcel, contents.octets))

/* A parcel as it came. */
struct arrival {
	const struct porter_parcel *parcel;
	size_t bytes;
	const int *fds;
	size_t count;
};

void
porter_place_init(struct porter_place *p, size_t index, int socket,
    size_t waiting_max, size_t connections)
{
	*p = (struct porter_place){ .index = index,
		.socket = socket,
		.waiting_max = waiting_max,
		.credit = PORTER_MESSAGES_MAX };
	porter_outbox_init(&p->outbox, connections);
}

/*
 * What is not wanted.
 */

bool
porter_place_is_ready(struct porter_place *p)
{
	if (p->held_count > 0 &&
	    discard_close(&p->discard, p->held, p->held_count))
		p->held_count = 0;
	return p->held_count == 0;
}

size_t
porter_place_left(const struct porter_place *p)
{
	return p->held_count + discard_left(&p->discard);
}

static void
turn_away(struct porter_place *p, const int *fds, size_t count)
{
	if (discard_close(&p->discard, fds, count))
		return;
	memcpy(p->held, fds, count * sizeof(fds[0]));
	p->held_count = count;
}

/*
 * Parcels.
 */

/* -1: the descriptor is not that of a socket. */
static int
option_of(int fd, int name)
{
	int value = -1;
	socklen_t length = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, name, &value, &length) < 0 ? -1 :
								       value;
}

/* The name is that of the listener. Nothing here makes a pair that has one. */
static bool
has_name(int fd)
{
	struct sockaddr_un name;
	socklen_t length = sizeof(name);

	return getsockname(fd, (struct sockaddr *)&name, &length) == 0 &&
	    length > offsetof(struct sockaddr_un, sun_path);
}

/* What is asked here needs no lock of the socket. The close of such a socket may
 * wait for its client alone, and not for ever (closer.h). That of a pair could wait
 * for each descriptor that was put into it. */
static bool
is_socket_of_client(int fd)
{
	const int family = option_of(fd, SO_DOMAIN);

	return (family == AF_INET || family == AF_INET6 ||
		   (family == AF_UNIX && has_name(fd))) &&
	    option_of(fd, SO_TYPE) == SOCK_STREAM &&
	    option_of(fd, SO_ACCEPTCONN) == 0;
}

static bool
has_octets_once(const struct arrival *a)
{
	return a->count == 1 ||
	    (a->count == 2 && a->bytes == HEAD_BYTES &&
		memfd_is_sealed(a->fds[1]));
}

static bool
is_parcel(const struct arrival *a)
{
	const struct porter_message *m = &a->parcel->message;

	return a->bytes >= HEAD_BYTES && a->bytes <= sizeof(*a->parcel) &&
	    m->order == PORTER_PARCEL && m->number > 0 &&
	    m->number <= PORTER_SEQUENCE_MAX && has_octets_once(a) &&
	    is_socket_of_client(a->fds[0]);
}

static bool
has_room_for(const struct porter_place *p, const struct arrival *a)
{
	return p->waiting_count < p->waiting_max &&
	    p->waiting_octets + a->bytes - HEAD_BYTES <=
	    PORTER_PARCELS_MAX_OCTETS;
}

static struct porter_rest *
rest_of(const struct arrival *a)
{
	const size_t length = a->bytes - HEAD_BYTES;
	struct porter_rest *rest = malloc(sizeof(*rest) + length);

	if (!rest)
		return NULL;
	rest->facts = a->parcel->contents.facts;
	rest->memory = a->count > 1 ? a->fds[1] : -1;
	rest->length = length;
	memcpy(rest->octets, a->parcel->contents.octets, length);
	return rest;
}

static void
put_in_list(struct porter_place *p, struct porter_kept *k)
{
	k->next = p->waiting;
	k->link = &p->waiting;
	if (k->next)
		k->next->link = &k->next;
	p->waiting = k;
	p->waiting_count++;
	p->waiting_octets += k->rest->length;
}

/* The facts of a connection that comes back are those of before, but for the number
 * of its requests. False: it was not passed to this worker. */
static bool
settle_facts(struct porter_place *p, struct porter_table *t,
    const struct arrival *a, struct porter_facts *facts, bool *is_shared)
{
	const uint64_t number = a->parcel->message.other;
	const uint64_t requests = facts->requests;
	struct porter_kept *before;

	*is_shared = !p->is_believed;
	if (number == 0)
		return p->is_believed;
	before = porter_outbox_find(&p->outbox, t, number);
	if (!before)
		return false;
	*facts = before->rest->facts;
	facts->requests = requests;
	*is_shared |= before->is_shared;
	return true;
}

static void
end_before(struct porter_place *p, struct porter_table *t, uint64_t number,
    struct closer *closer)
{
	struct porter_kept *k = porter_outbox_find(&p->outbox, t, number);

	if (k)
		porter_outbox_end(&p->outbox, t, k, closer);
}

/* False: the descriptors are still there. */
static bool
keep(struct porter_place *p, struct porter_table *t, const struct arrival *a,
    struct closer *closer)
{
	struct porter_rest *rest = rest_of(a);
	struct porter_kept *k = NULL;
	bool is_shared;

	if (!rest)
		return false;
	if (settle_facts(p, t, a, &rest->facts, &is_shared))
		k = porter_table_add(t,
		    porter_parcel_number(p->index, a->parcel->message.number),
		    a->fds[0], rest);
	if (!k) {
		free(rest);
		return false;
	}
	k->is_shared = is_shared;
	put_in_list(p, k);
	end_before(p, t, a->parcel->message.other, closer);
	return true;
}

/* What the worker says of a connection that was passed to it. False: it is nothing
 * of that kind. */
static bool
hear(struct porter_place *p, struct porter_table *t, const struct arrival *a,
    struct closer *closer)
{
	const struct porter_message *m = &a->parcel->message;
	struct porter_kept *k = porter_outbox_find(&p->outbox, t, m->number);
	const bool has_socket = m->order == PORTER_TAKE;

	if (a->bytes != sizeof(*m) || a->count != has_socket ||
	    (m->order != PORTER_HAVE && m->order != PORTER_DONE && !has_socket))
		return false;
	if (has_socket)
		return k && is_socket_of_client(a->fds[0]) &&
		    porter_outbox_note_ending(&p->outbox, k, a->fds[0]);
	if (k && m->order == PORTER_HAVE)
		porter_outbox_note(&p->outbox, k, closer);
	else if (k)
		porter_outbox_end(&p->outbox, t, k, closer);
	return true;
}

/* When a worker ends that has not read all that it was sent, the kernel says that
 * first (ECONNRESET), and once. What the worker has sent is still there. */
static ssize_t
receive(int socket, struct porter_parcel *parcel, int *fds, size_t *count)
{
	ssize_t n;
	int i;

	for (i = 0; i < 2; i++) {
		n = fdpass_receive_all(socket, parcel, sizeof(*parcel), fds,
		    count, MSG_DONTWAIT | MSG_TRUNC);
		if (n >= 0 || errno != ECONNRESET)
			break;
	}
	return n;
}

bool
porter_place_read(struct porter_place *p, struct porter_table *t,
    struct closer *closer)
{
	static struct porter_parcel parcel;
	int fds[FDPASS_ALL];
	struct arrival a = { .parcel = &parcel, .fds = fds };
	ssize_t n;

	assert(p->held_count == 0);
	n = receive(p->socket, &parcel, fds, &a.count);
	if (n < 0) {
		p->is_over = errno != EAGAIN && errno != EINTR;
		return false;
	}
	/* An empty message, which no worker sends that is as it was, is taken
	 * for the end. */
	p->is_over = n == 0;
	a.bytes = (size_t)n;
	if (hear(p, t, &a, closer))
		return true;
	if (!is_parcel(&a) || !has_room_for(p, &a) || !keep(p, t, &a, closer))
		turn_away(p, fds, a.count);
	return true;
}

void
porter_place_adopt(struct porter_place *p, struct porter_kept *k)
{
	if (!k->link)
		return;
	*k->link = k->next;
	if (k->next)
		k->next->link = k->link;
	k->link = NULL;
	p->waiting_count--;
	p->waiting_octets -= k->rest->length;
}

/*
 * The end of a worker.
 */

/* The last parcel and the socket go along. */
static size_t
take_waiting(struct porter_place *p, struct porter_table *t, int *fds)
{
	struct porter_kept *k;
	size_t count = 0;

	while ((k = p->waiting)) {
		porter_place_adopt(p, k);
		count += porter_table_take(t, k, fds + count);
	}
	fds[count++] = p->socket;
	return count;
}

void
porter_place_forget(struct porter_place *p, int socket, struct porter_table *t,
    struct closer *closer)
{
	static int fds[PORTER_KEPT_DESCRIPTORS * PORTER_PARCELS_MAX + 1];
	size_t count = take_waiting(p, t, fds), i;

	/* Sockets that lie in that of the worker are not closed as others are:
	 * nobody can tell what they are. */
	if (!discard_close(&p->discard, fds, count))
		for (i = 0; i < count; i++)
			closer_close(closer, fds[i]);
	porter_outbox_forget(&p->outbox, t, closer);
	p->socket = socket;
	p->is_over = false;
}
