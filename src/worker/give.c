/*
 * A connection whose next request belongs into another process is given away: the
 * porter gets the socket, and what was read; the generation learns of it by the
 * ledger, and has a process of its own forked for it, or has it passed to another
 * worker.
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/ledgers.h"
#include "config/route.h"
#include "message/channel.h"
#include "worker/internal.h"
#include "worker/lend.h"

/* A connection waits so long for the porter or the generation, to be given away,
 * and looks that often. */
#define GIVE_MS	      2000
#define GIVE_AGAIN_MS 5

void
worker_address_parcel(int socket, const struct route *route,
    struct ledger_parcel *parcel)
{
	struct stat status;

	parcel->place = (uint32_t)(route ? route->place : ROUTE_OWN);
	parcel->pool = route ? route->pool : 0;
	parcel->server.length = sizeof(parcel->server.storage);
	if (address_is_unix(&parcel->peer)) {
		parcel->server.length = 0;
		if (fstat(socket, &status) == 0)
			parcel->inode = (uint32_t)status.st_ino;
	} else if (getsockname(socket,
		       (struct sockaddr *)&parcel->server.storage,
		       &parcel->server.length) < 0) {
		parcel->server.length = 0;
	}
}

static void
fill_parcel(const struct client *c, struct address_key key,
    const struct route *route, struct ledger_parcel *parcel)
{
	*parcel = (struct ledger_parcel){
		.began_ms = c->began_ms, .peer = c->seat->peer, .key = key
	};
	worker_address_parcel(c->socket, route, parcel);
}

/* A process of its own reads and writes without O_NONBLOCK. */
static int
try_to_give(struct client *c, const struct connection_facts *facts,
    struct ledger_parcel *parcel, const struct iovec *unread, size_t count)
{
	struct worker *w = c->worker;
	struct worker_label label = { .passed = c->passed };

	/* No other fiber runs between these two calls, so that the numbers of the
	 * ledger rise, and the porter keeps no more than it has room for. */
	while (!ledgers_has_room(w->facts.ledgers, w->facts.number))
		loop_wait(&c->wait.watch, 0, clock_ms() + GIVE_AGAIN_MS);
	label.sequence = w->sequence + 1;
	if (w->facts.mail->send(w->facts.porter, &label, c->socket, facts,
		unread, count) < 0)
		return -1;
	parcel->sequence = label.sequence;
	w->sequence = label.sequence;
	c->passed = 0;
	ledgers_put_parcel(w->facts.ledgers, w->facts.number, parcel);
	worker_wake_generation(w);
	/* The porter has the socket, too, so that a close does not end this. */
	loop_unwatch(&c->wait.watch);
	return 0;
}

static int
give(struct client *c, const struct connection_facts *facts,
    struct ledger_parcel *parcel, const struct iovec *unread, size_t count)
{
	const int64_t until_ms = clock_ms() + GIVE_MS;

	while (try_to_give(c, facts, parcel, unread, count) < 0) {
		if (errno != EAGAIN || clock_ms() > until_ms)
			return -1;
		loop_wait(&c->wait.watch, 0, clock_ms() + GIVE_AGAIN_MS);
	}
	return 0;
}

int
give_away(const struct connection_arguments *arguments,
    const struct channel *channel, const struct route *route,
    const struct iovec *unread, size_t count)
{
	struct seat *seat =
	    (struct seat *)(void *)((char *)(uintptr_t)arguments -
		offsetof(struct seat, arguments));
	struct client *c = seat->client;
	struct ledger_parcel parcel;

	rows_show(c);
	fill_parcel(c, channel->key, route, &parcel);
	if (route && lend(c, channel, route, &parcel, unread, count))
		return 0;
	return give(c, &channel->facts, &parcel, unread, count);
}

int
give_idle(struct client *c)
{
	const struct connection_rest *rest = &c->seat->rest;
	struct ledger_parcel parcel;

	fill_parcel(c, rest->key, NULL, &parcel);
	parcel.place = ROUTE_WORKER;
	return give(c, &rest->facts, &parcel, NULL, 0);
}
