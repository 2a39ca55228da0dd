/*
 * The channel that a connection gives to its requests, one after the other:
 * the client's octets in both directions, memory for one request at a time,
 * and the facts. It belongs to the connection; a request, its body and its
 * sender point to it.
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
struct scoreboard_page;

struct channel {
	const struct configuration *configuration;
	struct scoreboard_page *page;
	struct netio io;
	struct input input;
	struct arena arena;
	struct connection_facts facts;
	char client[ADDRESS_TEXT_BYTES]; /* "192.0.2.1:4711" */
};

/* Takes over the client's address, and the text for it. */
void channel_set_client(struct channel *channel, const struct address *client);

/* The address that the client has reached. The socket is asked for it once,
 * unless a proxy has told it; length 0 when the socket does not know. */
const struct address *channel_server(struct channel *channel);

#endif
