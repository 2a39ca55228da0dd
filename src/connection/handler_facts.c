/* SPDX-License-Identifier: ISC */
#include "connection/handler_facts.h"

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include <prong/handler.h>

#include "base/address.h"
#include "base/scoreboard.h"
#include "base/slice.h"
#include "config/configuration.h"
#include "config/route.h"
#include "message/channel.h"
#include "message/request.h"

static uint64_t
facts_of_route(struct request *request)
{
	const struct configuration *c = request->channel->configuration;
	const struct route *route = request->route;
	const char *host = request_host(request);
	const struct slice name = { host, strlen(host) };
	uint64_t facts = 0;

	if (!route)
		return 0;
	if (route->policy.allow_count > 0)
		facts |= PRONG_FACT_ALLOW;
	if (route_find_named(c, name) == route->site)
		facts |= PRONG_FACT_HOST;
	return facts;
}

/* The peer is asked for here, because the connection remembers the client alone. */
static uint64_t
facts_of_peer(const struct channel *channel)
{
	struct address peer = { .length = sizeof(peer.storage) };

	if (getpeername(channel->io.in, (struct sockaddr *)&peer.storage,
		&peer.length) < 0 ||
	    !configuration_trusts(channel->configuration, &peer))
		return 0;
	if (address_equal(&peer, &channel->facts.client))
		return PRONG_FACT_PROXY | PRONG_FACT_UNNAMED;
	return PRONG_FACT_PROXY;
}

uint64_t
handler_facts(struct prong_request *public)
{
	struct request *request = (struct request *)public;
	const struct channel *channel = request->channel;
	const struct scoreboard_page *page = channel->page;
	uint64_t facts = facts_of_route(request) | facts_of_peer(channel);

	if (channel->status_alone)
		facts |= PRONG_FACT_RESERVED;
	if (page->is_draining || page->is_stopping)
		facts |= PRONG_FACT_ENDS;
	return facts;
}

/* It was counted when its head was complete. */
void
handler_facts_uncount(struct prong_request *public)
{
	struct request *request = (struct request *)public;

	if (request->is_uncounted)
		return;
	request->is_uncounted = true;
	request->channel->page->requests--;
}
