/* SPDX-License-Identifier: ISC */
#include "generation/crowd_internal.h"

#include <string.h>

#include "base/clock.h"
#include "base/ledgers.h"
#include "base/log.h"
#include "base/peers.h"
#include "base/scoreboard.h"
#include "config/configuration.h"
#include "generation/children.h"

/* A network of so many connections weighs as much as a client of one. */
#define NETWORK_SHARE 16

/* What one connection adds to the weight of its client. */
#define ONE (NETWORK_SHARE + 1)

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

static size_t
of_network(const struct crowd *c, struct address_key network)
{
	return c->ledgers ? ledgers_of_network(c->ledgers, network) :
			    peers_count(c->networks, network);
}

static size_t
weigh(const struct crowd *c, struct address_key client, size_t count)
{
	return NETWORK_SHARE * count +
	    of_network(c, address_key_network(client));
}

size_t
crowd_weight_with(const struct crowd *c, const struct address *client,
    size_t more)
{
	struct address_key key = address_client_key(client);

	if (configuration_trusts(c->configuration, client))
		return 0;
	return weigh(c, key, crowd_of_client(c, key) + more);
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

/* The heaviest of those that a table counts, if it is heavier than *heaviest. */
static void
look_at(const struct crowd *c, const struct peers *table,
    const struct address_key *network, struct address_key *heaviest,
    size_t *weight)
{
	struct address_key key;
	size_t cursor = 0, w;

	while (peers_next(table, &cursor, &key) > 0) {
		if (network && !crowd_is_same(address_key_network(key), *network))
			continue;
		w = weigh(c, key, crowd_of_client(c, key));
		if (w > *weight) {
			*weight = w;
			*heaviest = key;
		}
	}
}

/* The heaviest client of all, or of a network; false when there is none. */
static bool
find_heaviest(const struct crowd *c, const struct address_key *network,
    struct address_key *heaviest, size_t *weight)
{
	size_t i;

	*weight = 0;
	if (!c->ledgers)
		look_at(c, c->clients, network, heaviest, weight);
	for (i = 0; c->ledgers && i <= ledgers_workers(c->ledgers); i++)
		look_at(c, ledgers_clients(c->ledgers, i), network, heaviest,
		    weight);
	return *weight > 0;
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

/* Ends a connection of the heaviest client, of all or of a network, if it has
 * more left than the client has. */
static bool
end_for(struct crowd *c, const struct address *client,
    const struct address_key *network)
{
	struct address_key heaviest;
	size_t weight;

	return find_heaviest(c, network, &heaviest, &weight) &&
	    weight >= crowd_weight(c, client) + 2 * NETWORK_SHARE &&
	    crowd_end_one(c, heaviest, weight);
}

static size_t
in_all(const struct crowd *c)
{
	return c->ledgers ? ledgers_connections(c->ledgers) :
			    children_count(c->children);
}

void
crowd_make_room(struct crowd *c, const struct address *client)
{
	if (in_all(c) - c->ending >= c->mark)
		end_for(c, client, NULL);
}

bool
crowd_admits(const struct crowd *c, const struct address *client)
{
	return in_all(c) < c->mark ||
	    c->contested_until_ms <= clock_ms() ||
	    !crowd_is_heavy(c, crowd_weight(c, client));
}

size_t
crowd_ending(const struct crowd *c)
{
	return c->ending;
}

static size_t
network_ceiling(const struct crowd *c, struct address_key client)
{
	return client.bytes[0] == 6 ?
	    c->configuration->max_connections_per_network :
	    0;
}

enum crowd_verdict
crowd_judge(struct crowd *c, const struct address *client, size_t waiting)
{
	struct address_key key = address_client_key(client), network;
	size_t most = c->configuration->max_connections_per_client;

	if (configuration_trusts(c->configuration, client))
		return CROWD_WELCOME;
	if (most > 0 && crowd_of_client(c, key) + waiting >= most)
		return CROWD_CLIENT_FULL;
	most = network_ceiling(c, key);
	network = address_key_network(key);
	if (most == 0 || of_network(c, network) < most ||
	    end_for(c, client, &network))
		return CROWD_WELCOME;
	return CROWD_NETWORK_FULL;
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

