/* SPDX-License-Identifier: ISC */
#include "generation/crowd_internal.h"

#include "base/clock.h"
#include "base/ledgers.h"
#include "base/peers.h"
#include "config/configuration.h"
#include "generation/children.h"

/* The heaviest of those that a table counts, if it is heavier than *heaviest. */
static void
look_at(const struct crowd *c, const struct peers *table,
    const struct address_key *network, struct address_key *heaviest,
    size_t *weight)
{
	struct address_key key;
	size_t cursor = 0, w;

	while (peers_next(table, &cursor, &key) > 0) {
		if (network &&
		    !address_key_equal(address_key_network(key), *network))
			continue;
		w = crowd_weigh(c, key, crowd_of_client(c, key));
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

/* Ends a connection of the heaviest client, of all or of a network, if it has
 * more left than the client has. */
static bool
end_for(struct crowd *c, const struct address *client,
    const struct address_key *network)
{
	struct address_key heaviest;
	size_t weight;

	return find_heaviest(c, network, &heaviest, &weight) &&
	    weight >= crowd_weight(c, client) + 2 * CROWD_NETWORK_SHARE &&
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
	return in_all(c) < c->mark || c->contested_until_ms <= clock_ms() ||
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
	if (most == 0 || crowd_of_network(c, network) < most ||
	    end_for(c, client, &network))
		return CROWD_WELCOME;
	return CROWD_NETWORK_FULL;
}
