/*
 * The channel of a connection. See channel.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "message/channel.h"

#include <sys/socket.h>

void
channel_set_client(struct channel *channel, const struct address *client)
{
	channel->facts.client = *client;
	channel->key = address_client_key(client);
	address_format_client(client, channel->client);
}

const struct address *
channel_server(struct channel *channel)
{
	struct address *server = &channel->facts.server;

	if (server->length > 0)
		return server;
	server->length = sizeof(server->storage);
	if (getsockname(channel->io.in, (struct sockaddr *)&server->storage,
		&server->length) < 0)
		server->length = 0;
	return server;
}
