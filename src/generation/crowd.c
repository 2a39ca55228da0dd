/* SPDX-License-Identifier: ISC */
#include "generation/crowd.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/nudge.h"
#include "base/peers.h"
#include "base/scoreboard.h"
#include "config/configuration.h"
#include "generation/children.h"

/* A network of so many connections weighs as much as a client of one. */
#define NETWORK_SHARE 16

/* What one connection adds to the weight of its client. */
#define ONE (NETWORK_SHARE + 1)

/* The time in which an idle connection has to follow; and that for which a
 * client whose connection did not is not told again. */
#define FOLLOW_MS   500
#define STUBBORN_MS 10000
#define SWEEP_MS    100

/* How long heavy clients are kept out of the last places after that. */
#define CONTESTED_MS 5000

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

static bool
is_same(struct address_key a, struct address_key b)
{
	return memcmp(a.bytes, b.bytes, sizeof(a.bytes)) == 0;
}

static size_t
weigh(const struct crowd *c, struct address_key client, size_t count)
{
	return NETWORK_SHARE * count +
	    peers_count(c->networks, address_key_network(client));
}

size_t
crowd_weight_with(const struct crowd *c, const struct address *client,
    size_t more)
{
	struct address_key key = address_client_key(client);

	if (configuration_trusts(c->configuration, client))
		return 0;
	return weigh(c, key, peers_count(c->clients, key) + more);
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

/* The heaviest client of all, or of a network; false when there is none. */
static bool
find_heaviest(const struct crowd *c, const struct address_key *network,
    struct address_key *heaviest, size_t *weight)
{
	struct address_key key;
	size_t cursor = 0, count, w;

	*weight = 0;
	while ((count = peers_next(c->clients, &cursor, &key)) > 0) {
		if (network && !is_same(address_key_network(key), *network))
			continue;
		w = weigh(c, key, count);
		if (w > *weight) {
			*weight = w;
			*heaviest = key;
		}
	}
	return *weight > 0;
}

/*
 * How readily a connection ends, the lowest rank first: the kinds in the order
 * of the design, within each by time or pace. The page may lie about all of it
 * but the age, and then it harms only the connections of the same client.
 */
struct rank {
	int kind;
	int64_t value;
};

static int64_t
clamp(int64_t value, int64_t least, int64_t most)
{
	if (value < least)
		return least;
	return value > most ? most : value;
}

static struct rank
rank_of(const struct crowd *c, const struct child *child, size_t slot,
    int64_t now_ms)
{
	const struct scoreboard_signs signs = scoreboard_signs(c->scoreboard,
	    slot);
	int64_t turn_ms = clamp(scoreboard_turn_ms(c->scoreboard, slot),
	    child->began_ms, now_ms);
	int64_t age_ms = now_ms - child->began_ms + 1;
	int64_t pace = (int64_t)(signs.octets / (uint64_t)age_ms);

	switch (signs.state) {
	case SCOREBOARD_WAITING:
		return (struct rank){ 0, turn_ms };
	case SCOREBOARD_READING:
		return (struct rank){ 1, turn_ms };
	case SCOREBOARD_HANDLING:
		return (struct rank){ 2, pace };
	case SCOREBOARD_SENDING:
		return (struct rank){ 3, pace };
	default:
		return (struct rank){ 4, child->began_ms };
	}
}

static bool
is_before(struct rank a, struct rank b)
{
	return a.kind < b.kind || (a.kind == b.kind && a.value < b.value);
}

/* The connection of that client that is the first to end; NULL: none. */
static struct child *
find_victim(const struct crowd *c, struct address_key client, bool idle_alone,
    size_t *slot, struct rank *best)
{
	size_t i, max = children_slots(c->children);
	struct child *victim = NULL;
	int64_t now_ms = clock_ms();

	*best = (struct rank){ 0, 0 };
	for (i = 0; i < max; i++) {
		struct child *child = children_at(c->children, i);
		struct rank rank;

		if (!child || !child->counted || child->killed ||
		    !is_same(child->client_key, client))
			continue;
		rank = rank_of(c, child, i, now_ms);
		if ((idle_alone && rank.kind > 0) ||
		    (victim && !is_before(rank, *best)))
			continue;
		victim = child;
		*best = rank;
		*slot = i;
	}
	return victim;
}

static void
tell(struct crowd *c, struct child *child, size_t slot)
{
	child->told_requests = scoreboard_signs(c->scoreboard, slot).requests;
	scoreboard_tell_end(c->scoreboard, slot);
	nudge_send(child->pid);
}

static void
notice(struct crowd *c, const struct child *child, struct rank rank)
{
	static const char *const kinds[] = { "longest idle connection",
		"slowest head", "slowest request", "slowest reader",
		"oldest connection" };
	char client[ADDRESS_TEXT_BYTES];

	c->ended++;
	if (ratelimit_allows(&c->notice))
		log_warning("of %s, which has %zu connections, the %s ends for "
			    "a client that has fewer; %zu connections have "
			    "ended so",
		    address_format_host(&child->client, client),
		    peers_count(c->clients, child->client_key),
		    kinds[rank.kind], c->ended);
}

static void
discount(struct crowd *c, struct address_key key)
{
	peers_remove(c->clients, key);
	peers_remove(c->networks, address_key_network(key));
}

/* Ends a connection of that client, and counts it no more. */
static bool
end_one(struct crowd *c, struct address_key client, size_t weight)
{
	int64_t now_ms = clock_ms();
	struct rank rank;
	size_t slot;
	struct child *child = find_victim(c, client, !crowd_is_heavy(c, weight),
	    &slot, &rank);

	if (!child)
		return false;
	notice(c, child, rank);
	discount(c, child->client_key);
	child->counted = false;
	child->told_ms = now_ms;
	c->ending++;
	c->contested_until_ms = now_ms + CONTESTED_MS;
	if (rank.kind > 0 || child->was_told ||
	    (now_ms < c->stubborn_until_ms && is_same(client, c->stubborn)))
		children_end(c->children, child);
	else
		tell(c, child, slot);
	c->next_ms = clock_earlier(c->next_ms, now_ms + SWEEP_MS);
	return true;
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
	    end_one(c, heaviest, weight);
}

void
crowd_make_room(struct crowd *c, const struct address *client)
{
	if (children_count(c->children) - c->ending >= c->mark)
		end_for(c, client, NULL);
}

bool
crowd_admits(const struct crowd *c, const struct address *client)
{
	return children_count(c->children) < c->mark ||
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
	if (most > 0 && peers_count(c->clients, key) + waiting >= most)
		return CROWD_CLIENT_FULL;
	most = network_ceiling(c, key);
	network = address_key_network(key);
	if (most == 0 || peers_count(c->networks, network) < most ||
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

void
crowd_enter(struct crowd *c, struct child *child)
{
	struct address_key key = address_client_key(&child->client);

	child->counted = !configuration_trusts(c->configuration,
	    &child->client);
	if (!child->counted)
		return;
	child->client_key = key;
	peers_add(c->clients, key);
	peers_add(c->networks, address_key_network(key));
	notice_proxy(c, &child->client, peers_count(c->clients, key));
}

void
crowd_leave(struct crowd *c, const struct child *child)
{
	if (child->told_ms > 0)
		c->ending--;
	if (child->counted)
		discount(c, child->client_key);
}

/* A request came when the connection was told to end: it is no longer idle, and
 * ends after the response. */
static void
take_back(struct crowd *c, struct child *child)
{
	child->told_ms = 0;
	child->was_told = true;
	c->ending--;
	crowd_enter(c, child);
}

/* A head that has begun meanwhile, and does not end, is no fault of the
 * process. */
static void
kill_stubborn(struct crowd *c, struct child *child, uint32_t state,
    int64_t now_ms)
{
	char client[ADDRESS_TEXT_BYTES];

	children_end(c->children, child);
	if (state == SCOREBOARD_READING)
		return;
	if (ratelimit_allows(&c->stubborn_notice))
		log_error("connection process %ld of %s was told to end and "
			  "did not within %d ms: killed",
		    (long)child->pid, address_format(&child->client, client),
		    FOLLOW_MS);
	c->stubborn = child->client_key;
	c->stubborn_until_ms = now_ms + STUBBORN_MS;
}

int64_t
crowd_sweep(struct crowd *c)
{
	size_t i, max = children_slots(c->children);
	int64_t now_ms = clock_ms();

	if (c->ending == 0)
		return INT64_MAX;
	if (now_ms < c->next_ms)
		return c->next_ms;
	for (i = 0; i < max; i++) {
		struct child *child = children_at(c->children, i);

		if (!child || child->told_ms == 0 || child->killed)
			continue;
		if (scoreboard_signs(c->scoreboard, i).requests !=
		    child->told_requests)
			take_back(c, child);
		else if (now_ms - child->told_ms >= FOLLOW_MS)
			kill_stubborn(c, child,
			    scoreboard_state(c->scoreboard, i), now_ms);
	}
	c->next_ms = now_ms + SWEEP_MS;
	return c->next_ms;
}
