/*
 * The memory that a generation shares with its processes.
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "base/bulletin.h"
#include "base/descriptor.h"
#include "base/ledgers.h"
#include "base/log.h"
#include "base/rings.h"
#include "base/scoreboard.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/route.h"
#include "connection/connection.h"
#include "connection/renewal.h"
#include "connection/statement.h"
#include "generation/children.h"
#include "generation/internal.h"
#include "generation/pools.h"
#include "generation/processes.h"

/* Of those that accept; and there are as many of the others. */
static size_t
accepting(const struct generation *g)
{
	const size_t wanted = g->configuration->workers;
	cpu_set_t set;

	if (wanted != CONFIGURATION_WORKERS_AUTO)
		return wanted;
	return sched_getaffinity(0, sizeof(set), &set) == 0 ?
	    (size_t)CPU_COUNT(&set) :
	    1;
}

static bool
has_shared_route(const struct configuration *c)
{
	const struct handler *handler;
	size_t cursor = 0;

	while ((handler = configuration_next_handler(c, &cursor)))
		if (handler->route->place == ROUTE_SHARED)
			return true;
	return false;
}

struct porter_workers
startup_workers(const struct generation *g)
{
	const size_t count = accepting(g),
		     members = count > 0 ? pools_places(g->configuration) : 0;

	return (struct porter_workers){ .believed = count,
		.count = (has_shared_route(g->configuration) ? 2 * count :
							       count) +
		    members,
		.members = members };
}

size_t
startup_slots(const struct generation *g)
{
	return children_slots_for(g->configuration->max_connections +
		SCOREBOARD_RESERVED,
	    startup_workers(g).count);
}

static struct ledgers_size
size_of_ledgers(const struct generation *g, const struct processes_facts *facts)
{
	return (struct ledgers_size){
		.workers = (uint32_t)(facts->workers.count -
		    facts->workers.members),
		.others = (uint32_t)facts->workers.members,
		.connections = (uint32_t)g->configuration->max_connections
	};
}

static bool
open_ledgers(const struct generation *g, struct processes_facts *facts)
{
	const struct ledgers_size size = size_of_ledgers(g, facts);

	if (facts->workers.count == 0) {
		descriptor_close(g->handover.ledgers);
		return true;
	}
	facts->ledgers = ledgers_new(&size, g->handover.ledgers);
	if (!facts->ledgers)
		log_error("cannot make the ledgers of %zu workers: %s",
		    facts->workers.count, strerror(errno));
	return facts->ledgers;
}

static bool
open_scoreboard(struct generation *g, struct processes_facts *facts)
{
	const struct handler *handler;
	size_t cursor = 0, slots = startup_slots(g);
	const struct scoreboard_origin origin = {
		.generation = g->handover.generation,
		.master_pid = (uint64_t)getppid(),
		.master_started = g->handover.master_started,
		.master_started_ms = g->handover.master_started_ms,
		.totals = g->handover.totals,
		.file = g->handover.scoreboard,
	};
	const struct ledgers_size ledgers = size_of_ledgers(g, facts);
	struct renewal_memory *kept = facts->renewal ? &facts->renewal->memory :
						       NULL;

	facts->scoreboard = scoreboard_new(slots,
	    g->configuration->max_connections, &origin, kept);
	facts->rings = rings_new(slots,
	    facts->workers.count - facts->workers.members,
	    kept ? &kept->rings[1] : NULL);
	facts->statements = statements_new(slots,
	    connection_handoff_octets(g->configuration),
	    kept ? &kept->statements : NULL);
	if (!facts->scoreboard || !facts->rings || !facts->statements) {
		log_error("cannot make the scoreboard, the rings and the "
			  "memory for handoffs: %s",
		    strerror(errno));
		return false;
	}
	scoreboard_have_workers(facts->scoreboard, facts->workers.count,
	    facts->workers.believed, &ledgers);
	bulletin_current = bulletin_map(g->handover.bulletin);
	descriptor_close(g->handover.bulletin);
	close(g->handover.totals);
	g->scoreboard = facts->scoreboard;
	while ((handler = configuration_next_handler(g->configuration,
		    &cursor))) {
		scoreboard_add_handler(facts->scoreboard, handler->name);
		if (g->configuration->route_metrics)
			scoreboard_add_route(facts->scoreboard, handler->name,
			    handler->route->path);
		g->missing += handler->missing != NULL;
	}
	return true;
}

int
startup_share(struct generation *g, struct processes_facts *facts)
{
	return open_ledgers(g, facts) && open_scoreboard(g, facts) ? 0 : -1;
}
