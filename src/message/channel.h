/*
 * The channel that the requests of a connection use, one after the other: the
 * client's octets in both directions, memory for one request at a time, and the
 * connection's facts. The connection owns the channel; a request, its body and
 * its sender point to it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_CHANNEL_H
#define PRONG_MESSAGE_CHANNEL_H

#include "base/address.h"
#include "base/arena.h"
#include "message/connection_facts.h"
#include "message/input.h"
#include "message/netio.h"

struct configuration;
struct penalties;
struct scoreboard_page;
struct tally;

struct channel {
	const struct configuration *configuration;
	struct scoreboard_page *page;
	struct tally *tally; /* of the process; NULL: none */
	struct netio io;
	struct input input;
	struct arena arena;
	struct connection_facts facts;
	bool status_alone; /* no other route is served */
	/* Other clients are served in this process, and a request that has to wait
	 * for anything else than its client can go to one of its own. */
	bool is_shared;
	bool is_reused; /* The process serves other clients afterwards. */
	const struct penalties *penalties; /* NULL: none */
	struct address_key key;		   /* of the client, for penalties */
	char client[ADDRESS_TEXT_BYTES];   /* "192.0.2.1:4711" */
};

/* Sets the client's address, its text and its key. */
void channel_set_client(struct channel *channel, const struct address *client);

/* The server's address, from the proxy's header or else from getsockname(2),
 * which is called until it has one. Length 0: the socket has none. */
const struct address *channel_server(struct channel *channel);

#endif
