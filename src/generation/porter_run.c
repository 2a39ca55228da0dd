/*
 * The porter's own process. It obeys the generation, and the processes that the
 * generation has forked for a connection, one order after the other; between
 * orders it reads what workers send, a message of each in turn.
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/fdpass.h"
#include "generation/closer.h"
#include "generation/porter.h"
#include "generation/porter_kept.h"
#include "generation/porter_messages.h"
#include "generation/porter_place.h"

/* So many orders in one turn, and so many messages of a worker are read ahead of
 * one for each turn that it has had. */
#define ORDERS_MAX  16
#define CREDIT_MORE 8

/* Between two looks whether workers can be heard again. */
#define HOLD_MS 10

/* Descriptors that the porter needs beside those that it keeps, those of one
 * message of a worker among them. */
#define SPARE (FDPASS_ALL + 32)

/* And those of parcels that a place has at least. */
#define FEW 64

/* Parcels of a place that has a connection at a time: one comes before the last one
 * has gone. */
#define OF_MEMBER 4

struct state {
	int socket;
	struct closer closer;
	struct porter_table kept;
	struct porter_place *places;
	size_t place_count;
	size_t descriptors_max; /* for what workers send */
};

/*
 * The places of workers.
 */

/* The descriptors of a worker, none of which another one takes: of one message
 * at least, and of some parcels. */
static size_t
share_of_place(const struct state *s)
{
	const size_t share = s->descriptors_max / s->place_count;

	return share > SPARE + FEW ? share : SPARE + FEW;
}

/* A descriptor for which there is no room would be closed by the kernel, which
 * may have to wait. A parcel has at most two. */
static bool
has_room(const struct state *s, const struct porter_place *p)
{
	return 2 * p->waiting_count + porter_place_left(p) + SPARE <=
	    share_of_place(s);
}

static bool
is_ready(const struct state *s, struct porter_place *p)
{
	return !p->is_over && porter_place_is_ready(p) && has_room(s, p);
}

static size_t
parcels_max(const struct state *s)
{
	const size_t max = (share_of_place(s) - SPARE) / 2;

	return max < PORTER_PARCELS_MAX ? max : PORTER_PARCELS_MAX;
}

static void
make_places(struct state *s, const int *sockets,
    const struct porter_workers *workers, size_t connections)
{
	size_t i, max;
	bool is_member;

	if (s->place_count == 0)
		return;
	max = parcels_max(s);
	s->places = calloc(s->place_count, sizeof(s->places[0]));
	if (!s->places)
		_exit(1);
	for (i = 0; i < s->place_count; i++) {
		is_member = i >= s->place_count - workers->members;
		porter_place_init(&s->places[i], i, sockets[i],
		    is_member && max > OF_MEMBER ? OF_MEMBER : max,
		    is_member ? OF_MEMBER : connections);
		s->places[i].is_believed = i < workers->believed;
	}
}

/* NULL: it is no number of a parcel. */
static struct porter_place *
place_of(const struct state *s, uint64_t number)
{
	const uint64_t upper = number >> PORTER_PLACE_SHIFT;

	return upper > 0 && upper <= s->place_count ? &s->places[upper - 1] :
						      NULL;
}

/* A worker sends a parcel before it tells the generation its number, so what has
 * not come yet lies in the socket. */
static void
read_ahead(struct state *s, struct porter_place *p, uint64_t number)
{
	while (p->credit > 0 && is_ready(s, p) &&
	    !porter_table_find(&s->kept, number) &&
	    porter_place_read(p, &s->kept, &s->closer))
		p->credit--;
}

/* A worker says that it has done with a connection before the generation learns it,
 * and passes it the next one: that lies in the socket, too. */
static void
make_room(struct state *s, struct porter_place *p)
{
	while (porter_outbox_is_full(&p->outbox) && p->credit > 0 &&
	    is_ready(s, p) && porter_place_read(p, &s->kept, &s->closer))
		p->credit--;
}

static struct porter_kept *
find(struct state *s, uint64_t number)
{
	struct porter_kept *k = porter_table_find(&s->kept, number);
	struct porter_place *p = place_of(s, number);

	if (k || !p)
		return k;
	read_ahead(s, p, number);
	return porter_table_find(&s->kept, number);
}

/* From where it is; false: a worker has it, so that nobody else can. */
static bool
release(const struct state *s, struct porter_kept *k)
{
	if (k->socket < 0)
		return false;
	if (k->outbox)
		porter_outbox_take(k->outbox, k);
	else if (k->link)
		porter_place_adopt(place_of(s, k->number), k);
	return true;
}

/*
 * Orders.
 */

static void
keep(struct state *s, uint64_t number, int socket)
{
	if (!porter_table_add(&s->kept, number, socket, NULL))
		close(socket);
}

static void
adopt(struct state *s, uint64_t number)
{
	struct porter_kept *k = find(s, number);

	if (k)
		release(s, k);
}

/* What its worker has taken away again, or has never sent, is not passed on. The
 * other worker is told, which else would be thought to have a connection on its way
 * for ever. */
static void
pass(struct state *s, const struct porter_pass *order, bool has_facts)
{
	const uint64_t place = order->message.other;
	struct porter_kept *k;

	if (place < s->place_count)
		make_room(s, &s->places[place]);
	k = find(s, order->message.number);
	if (k && !k->rest && has_facts)
		porter_kept_add_facts(k, &order->facts);
	if (place >= s->place_count)
		return;
	if (k)
		k->is_refused = order->message.is_refused;
	if (k && k->rest && release(s, k))
		porter_outbox_put(&s->places[place].outbox, &s->kept, k,
		    &s->closer);
	else
		porter_outbox_note_missing(&s->places[place].outbox);
	porter_outbox_send(&s->places[place].outbox, s->places[place].socket,
	    &s->kept, &s->closer);
}

static void
drop(struct state *s, uint64_t number)
{
	struct porter_kept *k = find(s, number);

	if (k && release(s, k))
		porter_table_remove(&s->kept, k, &s->closer);
}

static void
hand_out(struct state *s, uint64_t number, int receiver)
{
	const struct porter_kept *k = find(s, number);
	char octet = 0;
	const struct iovec iov = { &octet, 1 };

	if (k && k->socket >= 0)
		fdpass_send(receiver, &iov, 1, &k->socket, 1, MSG_DONTWAIT);
	close(receiver);
}

static bool
send_parcel(const struct porter_kept *k, int receiver)
{
	struct porter_rest *rest = k->rest;
	const struct iovec iov[2] = { { &rest->facts, sizeof(rest->facts) },
		{ rest->octets, rest->length } };
	const int fds[2] = { k->socket, rest->memory };

	return fdpass_send(receiver, iov, 2, fds, rest->memory >= 0 ? 2 : 1,
		   MSG_DONTWAIT) >= 0;
}

/* The rest is delivered once. Who claims it may not have been adopted yet, when the
 * queue of the generation was full. */
static void
deliver(struct state *s, uint64_t number, int receiver)
{
	struct porter_kept *k = find(s, number);

	if (k && k->rest && k->socket >= 0 && send_parcel(k, receiver)) {
		release(s, k);
		porter_kept_strip(k, &s->closer);
	}
	close(receiver);
}

static void
forget(struct state *s, uint64_t place, int socket)
{
	if (place < s->place_count)
		porter_place_forget(&s->places[place], socket, &s->kept,
		    &s->closer);
	else
		close(socket);
}

static void
obey_with(struct state *s, const struct porter_message *message, int fd)
{
	switch ((enum porter_order)message->order) {
	case PORTER_KEEP:
		keep(s, message->number, fd);
		break;
	case PORTER_CLAIM:
		hand_out(s, message->number, fd);
		break;
	case PORTER_CLAIM_PARCEL:
		deliver(s, message->number, fd);
		break;
	case PORTER_FORGET:
		forget(s, message->number, fd);
		break;
	default:
		close(fd);
	}
}

static void
obey(struct state *s, const struct porter_message *message, int fd)
{
	if (message->order == PORTER_DROP || message->order == PORTER_REFUSE)
		drop(s, message->number);
	else if (message->order == PORTER_ADOPT)
		adopt(s, message->number);
	else if (fd >= 0) /* or descriptors ran out */
		obey_with(s, message, fd);
}

/* False: there is none to obey. *is_over: there never will be. */
static bool
obey_next(struct state *s, int flags, bool *is_over)
{
	struct porter_pass order;
	int fds[FDPASS_MAX];
	ssize_t n = fdpass_receive(s->socket, &order, sizeof(order), fds,
	    flags);

	if (n > 0 && order.message.order == PORTER_PASS)
		pass(s, &order, (size_t)n == sizeof(order));
	else if (n > 0)
		obey(s, &order.message, fds[0]);
	*is_over = n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN);
	return n > 0;
}

/*
 * Turns.
 */

static void
serve_generation(struct state *s)
{
	bool is_over = false;

	while (!is_over)
		obey_next(s, 0, &is_over);
}

/* Whether one has to be heard later. */
static bool
choose(struct state *s, struct pollfd *polled)
{
	bool is_held = false;
	size_t i;

	polled[0] = (struct pollfd){ .fd = s->socket, .events = POLLIN };
	for (i = 0; i < s->place_count; i++) {
		struct porter_place *p = &s->places[i];
		const int fd = is_ready(s, p) ? p->socket : -1;

		is_held = is_held || (fd < 0 && !p->is_over) ||
		    p->outbox.unsent_count + p->outbox.missing_count > 0;
		polled[1 + i] = (struct pollfd){ .fd = fd, .events = POLLIN };
	}
	return is_held;
}

/* Where a policy refuses to wait, all are asked again and again. */
static void
wait_for(struct pollfd *polled, size_t count, bool is_held)
{
	const struct timespec rest = { 0, 1000000 };
	size_t i;

	if (poll(polled, count, is_held ? HOLD_MS : -1) >= 0)
		return;
	nanosleep(&rest, NULL);
	for (i = 0; i < count; i++)
		polled[i].revents = polled[i].fd >= 0 ? POLLIN : 0;
}

static void
serve_places(struct state *s, const struct pollfd *polled)
{
	size_t i;

	for (i = 0; i < s->place_count; i++) {
		struct porter_place *p = &s->places[i];

		/* An order may have changed whether it is ready. */
		if (polled[i].revents && is_ready(s, p))
			porter_place_read(p, &s->kept, &s->closer);
		porter_outbox_send(&p->outbox, p->socket, &s->kept, &s->closer);
		if (p->credit + CREDIT_MORE <= PORTER_MESSAGES_MAX)
			p->credit += CREDIT_MORE;
	}
}

/* False when the generation has ended. */
static bool
take_turn(struct state *s, struct pollfd *polled)
{
	bool is_held = choose(s, polled), is_over = false;
	size_t i;

	wait_for(polled, 1 + s->place_count, is_held);
	if (polled[0].revents)
		for (i = 0; i < ORDERS_MAX; i++)
			if (!obey_next(s, MSG_DONTWAIT, &is_over))
				break;
	serve_places(s, polled + 1);
	return !is_over;
}

static void
serve_workers(struct state *s)
{
	struct pollfd *polled = calloc(1 + s->place_count, sizeof(*polled));

	if (!polled)
		_exit(1);
	while (take_turn(s, polled))
		continue;
	free(polled);
}

/* What the sockets of so many connections leave, and no less than half. */
static size_t
share_of_workers(size_t connections)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
	size_t max;

	getrlimit(RLIMIT_NOFILE, &limit);
	max = limit.rlim_cur;
	return connections < max / 2 ? max - connections : max - max / 2;
}

void
porter_run(const int *sockets, const struct porter_workers *workers,
    size_t connections)
{
	struct state s = { .socket = sockets[0],
		.place_count = workers->count,
		.descriptors_max = share_of_workers(connections) };

	make_places(&s, sockets + 1, workers, connections);
	closer_start(&s.closer);
	if (workers->count > 0)
		serve_workers(&s);
	else
		serve_generation(&s);
	_exit(0);
}
