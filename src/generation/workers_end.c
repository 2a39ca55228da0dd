/*
 * The end of a worker. The request in whose handler it has ended is in its page, as
 * the worker claims; a broken one can put its end down to any client, and any
 * handler of workers.
 *
 * SPDX-License-Identifier: ISC
 */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/address.h"
#include "base/ledgers.h"
#include "base/log.h"
#include "base/rings.h"
#include "base/scoreboard.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/route.h"
#include "generation/blame.h"
#include "generation/children.h"
#include "generation/pools.h"
#include "generation/processes_internal.h"
#include "generation/workers_internal.h"

/* False: the page names no client with an address. */
static bool
find_client(const struct processes *p, size_t slot, struct address *client)
{
	char text[SCOREBOARD_CLIENT_BYTES];
	const char *why;

	scoreboard_client(p->facts.scoreboard, slot, text);
	return address_parse_listen(text, client, &why);
}

static void
record_request(struct processes *p, size_t slot)
{
	struct address client = { .length = 0 };
	struct scoreboard_request request;

	if (!scoreboard_take_request(p->facts.scoreboard, slot, &request))
		return;
	scoreboard_count_lost(p->facts.scoreboard, slot, &request, 500,
	    access_method(&request));
	find_client(p, slot, &client);
	access_end(&p->access, &client, &request, 500);
}

static void
record_row(struct processes *p, size_t slot, const struct ledger_row *row)
{
	struct scoreboard_request request = { .since = row->request_since,
		.since_ms = row->request_since_ms };
	struct address client;
	const char *why;

	if (!address_parse_listen(row->client, &client, &why))
		client.length = 0;
	memcpy(request.line, row->request, sizeof(row->request));
	memcpy(request.handler, row->handler, sizeof(row->handler));
	scoreboard_count_lost(p->facts.scoreboard, slot, &request, 500,
	    access_method(&request));
	access_end(&p->access, &client, &request, 500);
}

/* Those whose connections are cut in the midst of a request. That of the page, whose
 * handler has ended the worker, has a line already. */
static void
record_others(struct processes *p, size_t slot)
{
	const struct ledgers *ledgers = p->facts.ledgers;
	const size_t rows = ledgers_used_rows(ledgers, slot + 1);
	char culprit[SCOREBOARD_CLIENT_BYTES];
	struct ledger_row row;
	size_t i;

	scoreboard_client(p->facts.scoreboard, slot, culprit);
	for (i = 0; i < rows; i++)
		if (ledgers_read_row(ledgers, slot + 1, i, &row) &&
		    row.is_unrecorded && strcmp(row.client, culprit) != 0)
			record_row(p, slot, &row);
}

/* The handler of that name on a route of that place; NULL: there is none. */
static const struct handler *
find_handler(const struct configuration *c, enum route_place place,
    const char *name)
{
	const struct handler *handler;
	size_t cursor = 0;

	while ((handler = configuration_next_handler(c, &cursor)))
		if (handler->route->place == place &&
		    strcmp(handler->name, name) == 0)
			break;
	return handler;
}

/* Returns the name of the handler to be counted, "" for none. */
static const char *
blame_handler(struct processes *p, size_t slot, const struct end *end)
{
	const struct configuration *c = p->facts.configuration;
	char name[BLAME_NAME_BYTES];
	const struct handler *handler;
	struct blame blame = { .route = NULL };

	scoreboard_handler(p->facts.scoreboard, slot, name);
	handler = name[0] == '\0' ?
	    NULL :
	    find_handler(c, workers_serve(p->workers, slot), name);
	if (!handler)
		return "";
	blame.route = handler->route;
	blame.handler = handler->name;
	if (WTERMSIG(end->status) != SIGKILL &&
	    find_client(p, slot, &blame.client) &&
	    !address_is_unix(&blame.client)) {
		blame.key = address_client_key(&blame.client);
		blame.is_exempt = configuration_trusts(c, &blame.client);
		crashes_punish(&p->crashes, &blame);
	}
	return handler->name;
}

/* Of a member of a pool the client is known, as of a process of its own. It is punished
 * if there was no other one before. */
static const char *
blame_of_member(struct processes *p, const struct child *child, size_t slot,
    const struct end *end)
{
	const struct pools *pools = p->workers->pools;
	char claimed[BLAME_NAME_BYTES];
	const struct blame_facts facts = { .child = child,
		.has_called = true,
		.first_handler = pools_route(pools, slot)->handlers[0].index,
		.claimed = claimed };
	struct blame blame;

	scoreboard_handler(p->facts.scoreboard, slot, claimed);
	blame_find(&blame, p->facts.configuration, &facts);
	/* A proxy, which is trusted, has named another client. */
	blame.is_exempt = blame.is_exempt &&
	    address_key_equal(blame.key, address_client_key(&blame.client));
	if (WTERMSIG(end->status) != SIGKILL && pools_can_blame(pools, slot))
		crashes_punish(&p->crashes, &blame);
	return blame.handler ? blame.handler : "";
}

static void
log_status(const struct child *child, const struct end *end)
{
	if (WIFEXITED(end->status) && WEXITSTATUS(end->status) != 0 &&
	    !child->killed && !child->is_member)
		log_error("worker %zu (process %ld) has ended with status %d",
		    child->worker, (long)child->pid, WEXITSTATUS(end->status));
}

void
workers_take_end(struct processes *p, struct child *child, size_t slot,
    const struct end *end)
{
	const char *crashed = NULL;

	rings_end(p->facts.rings, slot);
	log_status(child, end);
	if (child->is_member)
		pools_note_client(p->workers->pools, slot);
	crashes_note_limit(p->facts.scoreboard, child, slot, end->status);
	if (crashes_log(p->facts.scoreboard, child, slot, end->status)) {
		crashes_count(&p->crashes, child->pid, WCOREDUMP(end->status));
		crashed = child->is_member ?
		    blame_of_member(p, child, slot, end) :
		    blame_handler(p, slot, end);
		scoreboard_note_crash(p->facts.scoreboard, slot, crashed,
		    WTERMSIG(end->status), child->pid);
	}
	record_others(p, slot);
	record_request(p, slot);
	child->killed = true;
	dropped_lines_note(&p->dropped_lines, slot);
	scoreboard_end(p->facts.scoreboard, slot, crashed);
	workers_note_end(p->workers, child);
}
