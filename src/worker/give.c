/*
 * A connection whose next request belongs into a process of its own is given away:
 * the porter gets the socket, and what was read; the generation learns of it by
 * the ledger.
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/ledgers.h"
#include "base/log.h"
#include "message/channel.h"
#include "worker/internal.h"

/* A connection waits so long for the porter or the generation, to be given away,
 * and looks that often. */
#define GIVE_MS	      2000
#define GIVE_AGAIN_MS 5

static void
fill_parcel(const struct client *c, const struct channel *channel,
    struct ledger_parcel *parcel)
{
	struct stat status;

	*parcel = (struct ledger_parcel){ .sequence = c->worker->sequence + 1,
		.began_ms = c->began_ms,
		.peer = c->seat->peer,
		.key = channel->key };
	parcel->server.length = sizeof(parcel->server.storage);
	if (address_is_unix(&c->seat->peer)) {
		parcel->server.length = 0;
		if (fstat(c->socket, &status) == 0)
			parcel->inode = (uint32_t)status.st_ino;
	} else if (getsockname(c->socket,
		       (struct sockaddr *)&parcel->server.storage,
		       &parcel->server.length) < 0) {
		parcel->server.length = 0;
	}
}

/* A process of its own reads and writes without O_NONBLOCK. */
static int
try_to_give(struct client *c, const struct channel *channel,
    const struct ledger_parcel *parcel, const struct iovec *unread,
    size_t count)
{
	struct worker *w = c->worker;

	if (w->facts.send_parcel(w->facts.porter, parcel->sequence, c->socket,
		&channel->facts, unread, count) < 0)
		return -1;
	w->sequence = parcel->sequence;
	while (!ledgers_put_parcel(w->facts.ledgers, w->facts.number, parcel))
		loop_wait(&c->wait.watch, 0, clock_ms() + GIVE_AGAIN_MS);
	worker_wake_generation(w);
	/* The porter has the socket, too, so that a close does not end this. */
	loop_unwatch(&c->wait.watch);
	return 0;
}

int
give_to_process(const struct connection_arguments *arguments,
    const struct channel *channel, const struct iovec *unread, size_t count)
{
	struct seat *seat =
	    (struct seat *)(void *)((char *)(uintptr_t)arguments -
		offsetof(struct seat, arguments));
	struct client *c = seat->client;
	const int64_t until_ms = clock_ms() + GIVE_MS;
	struct ledger_parcel parcel;

	rows_show(c);
	fill_parcel(c, channel, &parcel);
	while (try_to_give(c, channel, &parcel, unread, count) < 0) {
		if (errno != EAGAIN || clock_ms() > until_ms)
			return -1;
		loop_wait(&c->wait.watch, 0, clock_ms() + GIVE_AGAIN_MS);
		parcel.sequence = c->worker->sequence + 1;
	}
	return 0;
}
