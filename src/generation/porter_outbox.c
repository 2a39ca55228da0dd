/* SPDX-License-Identifier: ISC */
#include "generation/porter_outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/fdpass.h"
#include "generation/closer.h"
#include "generation/porter_kept.h"
#include "generation/porter_messages.h"

void
porter_outbox_init(struct porter_outbox *o, size_t connections)
{
	*o = (struct porter_outbox){ .sent_max = connections };
	o->end = &o->first;
}

void
porter_outbox_note_missing(struct porter_outbox *o)
{
	o->missing_count++;
}

static void
unlink_kept(struct porter_kept *k)
{
	*k->link = k->next;
	if (k->next)
		k->next->link = k->link;
	k->link = NULL;
	k->next = NULL;
}

static void
put_last(struct porter_outbox *o, struct porter_kept *k)
{
	k->link = o->end;
	*o->end = k;
	o->end = &k->next;
	o->unsent_count++;
}

static void
take_unsent(struct porter_outbox *o, struct porter_kept *k)
{
	if (!k->next)
		o->end = k->link;
	unlink_kept(k);
	o->unsent_count--;
}

static void
put_sent(struct porter_outbox *o, struct porter_kept *k)
{
	k->is_sent = true;
	k->next = o->sent;
	k->link = &o->sent;
	if (k->next)
		k->next->link = &k->next;
	o->sent = k;
	o->sent_count++;
}

bool
porter_outbox_is_full(const struct porter_outbox *o)
{
	return o->late_count == PORTER_OUTBOX_MAX ||
	    o->unsent_count + o->sent_count >= o->sent_max;
}

void
porter_outbox_put(struct porter_outbox *o, struct porter_table *t,
    struct porter_kept *k, struct closer *closer)
{
	if (porter_outbox_is_full(o)) {
		porter_table_remove(t, k, closer);
		porter_outbox_note_missing(o);
		return;
	}
	k->outbox = o;
	k->is_sent = false;
	o->late_count++;
	/* Of a worker before, which had said that it was about to end. */
	o->ending_count += k->ending >= 0;
	put_last(o, k);
}

static bool
send_parcel(const struct porter_kept *k, int socket)
{
	struct porter_rest *rest = k->rest;
	struct porter_message message = { .number = k->number,
		.other = k->is_shared,
		.order = PORTER_PARCEL,
		.is_refused = k->is_refused };
	const struct iovec iov[3] = { { &message, sizeof(message) },
		{ &rest->facts, sizeof(rest->facts) },
		{ rest->octets, rest->length } };
	const int fds[2] = { k->socket, rest->memory };

	return fdpass_send(socket, iov, 3, fds, rest->memory >= 0 ? 2 : 1,
		   MSG_DONTWAIT) >= 0;
}

/* Without a descriptor. */
static bool
send_missing(int socket)
{
	const struct porter_message message = { .order = PORTER_MISSING };

	return porter_send(socket, &message, -1) == 0;
}

/* Of a socket whose other end is closed, too: the end of the worker follows. */
static bool
is_to_be_tried_again(int error)
{
	return error == EAGAIN || error == EINTR || error == ENOBUFS ||
	    error == ENOMEM || error == ETOOMANYREFS || error == EPIPE ||
	    error == ECONNRESET;
}

bool
porter_outbox_send(struct porter_outbox *o, int socket, struct porter_table *t,
    struct closer *closer)
{
	struct porter_kept *k;

	while ((k = o->first)) {
		const bool is_sent = send_parcel(k, socket);

		if (!is_sent && is_to_be_tried_again(errno))
			return false;
		if (is_sent) {
			take_unsent(o, k);
			put_sent(o, k);
		} else {
			porter_outbox_take(o, k);
			porter_table_remove(t, k, closer);
			porter_outbox_note_missing(o);
		}
	}
	while (o->missing_count > 0 && send_missing(socket))
		o->missing_count--;
	return true;
}

struct porter_kept *
porter_outbox_find(struct porter_outbox *o, const struct porter_table *t,
    uint64_t number)
{
	struct porter_kept *k = porter_table_find(t, number);

	return k && k->outbox == o && k->is_sent ? k : NULL;
}

void
porter_outbox_note(struct porter_outbox *o, struct porter_kept *k,
    struct closer *closer)
{
	if (k->socket < 0)
		return;
	porter_kept_empty(k, closer);
	o->late_count--;
}

void
porter_outbox_take(struct porter_outbox *o, struct porter_kept *k)
{
	if (k->is_sent) {
		unlink_kept(k);
		o->sent_count--;
	} else {
		take_unsent(o, k);
	}
	o->late_count -= k->socket >= 0;
	o->ending_count -= k->ending >= 0;
	k->outbox = NULL;
	k->is_sent = false;
}

bool
porter_outbox_note_ending(struct porter_outbox *o, struct porter_kept *k,
    int fd)
{
	if (k->ending >= 0 || o->ending_count >= PORTER_ENDINGS_MAX)
		return false;
	k->ending = fd;
	o->ending_count++;
	return true;
}

void
porter_outbox_end(struct porter_outbox *o, struct porter_table *t,
    struct porter_kept *k, struct closer *closer)
{
	porter_outbox_take(o, k);
	porter_table_remove(t, k, closer);
}

void
porter_outbox_forget(struct porter_outbox *o, struct porter_table *t,
    struct closer *closer)
{
	while (o->first)
		porter_outbox_end(o, t, o->first, closer);
	while (o->sent)
		porter_outbox_end(o, t, o->sent, closer);
	o->missing_count = 0;
}
