/*
 * How many connections each client and each network has. See crowd.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/crowd_internal.h"

#include <string.h>

#include "base/ledgers.h"
#include "base/log.h"
#include "base/peers.h"
#include "config/configuration.h"
#include "generation/children.h"

/* What one connection adds to the weight of its client. */
#define ONE (CROWD_NETWORK_SHARE + 1)

/* A client with that part of the ceiling is heavy, but never one with less than
 * HEAVY_LEAST connections. */
#define HEAVY_PART  64
#define HEAVY_LEAST 8

/* One address with that part of the ceiling may be a proxy. */
#define PROXY_PART 8

int
crowd_init(struct crowd *c, const struct configuration *configuration,
    struct scoreboard *scoreboard, struct children *children)
{
	size_t max = configuration->max_connections;

	*c = (struct crowd){ .configuration = configuration,
		.scoreboard = scoreboard,
		.children = children,
		.clients = peers_new(2 * max),
		.networks = peers_new(2 * max),
		.mark = max - max / 20 };
	return c->clients && c->networks ? 0 : -1;
}

size_t
crowd_of_client(const struct crowd *c, struct address_key client)
{
	return c->ledgers ? ledgers_of_client(c->ledgers, client) :
			    peers_count(c->clients, client);
}

size_t
crowd_of_network(const struct crowd *c, struct address_key network)
{
	return c->ledgers ? ledgers_of_network(c->ledgers, network) :
			    peers_count(c->networks, network);
}

size_t
crowd_weigh(const struct crowd *c, struct address_key client, size_t count)
{
	return CROWD_NETWORK_SHARE * count +
	    crowd_of_network(c, address_key_network(client));
}

size_t
crowd_weight_with(const struct crowd *c, const struct address *client,
    size_t more)
{
	struct address_key key = address_client_key(client);

	if (configuration_trusts(c->configuration, client))
		return 0;
	return crowd_weigh(c, key, crowd_of_client(c, key) + more);
}

size_t
crowd_weight(const struct crowd *c, const struct address *client)
{
	return crowd_weight_with(c, client, 0);
}

bool
crowd_is_heavy(const struct crowd *c, size_t weight)
{
	size_t part = c->configuration->max_connections / HEAVY_PART;

	return weight >= ONE * (part > HEAVY_LEAST ? part : HEAVY_LEAST);
}

void
crowd_discount(struct crowd *c, struct address_key key)
{
	if (c->ledgers) {
		ledgers_leave(c->ledgers, LEDGERS_GENERATION, key);
		return;
	}
	peers_remove(c->clients, key);
	peers_remove(c->networks, address_key_network(key));
}

/* The administrator may have forgotten to name a proxy. */
static void
notice_proxy(struct crowd *c, const struct address *client, size_t count)
{
	size_t part = c->configuration->max_connections / PROXY_PART;
	char text[ADDRESS_TEXT_BYTES];

	if (count != part || part < HEAVY_LEAST ||
	    !ratelimit_allows(&c->proxy_notice))
		return;
	log_warning("%s has %zu connections, an eighth of max_connections; if "
		    "it is a proxy, trusted_proxies should name it",
	    address_is_unix(client) ? "unix:" :
				      address_format_host(client, text),
	    count);
}

static void
count_in(struct crowd *c, struct address_key key)
{
	if (c->ledgers) {
		ledgers_enter(c->ledgers, LEDGERS_GENERATION, key);
		return;
	}
	peers_add(c->clients, key);
	peers_add(c->networks, address_key_network(key));
}

void
crowd_enter(struct crowd *c, struct child *child)
{
	struct address_key key = address_client_key(&child->client);

	child->counted = !configuration_trusts(c->configuration,
	    &child->client);
	if (!child->counted)
		return;
	child->client_key = key;
	count_in(c, key);
	notice_proxy(c, &child->client, crowd_of_client(c, key));
}

void
crowd_leave(struct crowd *c, const struct child *child)
{
	if (child->told_ms > 0)
		c->ending--;
	if (child->counted)
		crowd_discount(c, child->client_key);
}
