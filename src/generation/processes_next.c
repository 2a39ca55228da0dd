/*
 * What comes after a process: its connection goes on in a worker or in another process,
 * or its socket is closed.
 *
 * SPDX-License-Identifier: ISC
 */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "base/log.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "connection/connection.h"
#include "connection/handoff.h"
#include "connection/statement.h"
#include "generation/admissions.h"
#include "generation/children.h"
#include "generation/guest.h"
#include "generation/porter.h"
#include "generation/processes_internal.h"
#include "generation/workers.h"
#include "sandbox/sandbox.h"

bool
processes_could_fork(const struct processes *p, const struct end *end,
    bool unknown)
{
	const struct configuration *c = p->facts.configuration;

	if (!p->facts.orphans)
		return false;
	if (!end->has_called || end->first_handler >= c->handler_count)
		return unknown;
	return sandbox_route_lets_fork(p->facts.sandbox,
	    c->handlers[end->first_handler]->route);
}

/* The connection is idle, and goes on in a worker. Where handlers of the process could
 * start others, one may be left that has the socket. */
static bool
park(struct processes *p, struct guest *g, size_t slot, const struct end *end)
{
	if (WEXITSTATUS(end->status) != CONNECTION_RESTS)
		return false;
	g->arguments.facts.requests =
	    statements_handoff(p->statements, slot)->requests;
	/* Else it would fork again and again. */
	g->stays = processes_could_fork(p, end, true) ||
	    !workers_take_idle(p->workers, g);
	if (!g->stays)
		statements_forget(p->statements, slot);
	return !g->stays;
}

/* The connection goes on in the slot that has just become free, and with what
 * lies in the memory of that slot. */
static bool
pass_on(struct processes *p, struct guest *g, size_t slot)
{
	assert(children_next_slot(p->children) == slot);
	if (processes_start(p, g))
		return true;
	log_error("cannot fork a process for a connection to go on: %s",
	    strerror(errno));
	return false;
}

/* The next request is for a route with a ceiling of processes. */
static void
admit(struct processes *p, struct guest *g, size_t slot)
{
	const uint64_t pool = statements_handoff(p->statements, slot)->pool;
	const struct route *route = pool > 0 ?
	    admissions_route(p->admissions, pool - 1) :
	    NULL;

	if (!route)
		return;
	if (admissions_have_room(p->admissions, route)) {
		g->arguments.admitted = route;
		return;
	}
	g->arguments.is_refused = true;
	admissions_log_refusal(p->admissions, route);
}

bool
processes_go_on(struct processes *p, struct guest *g, size_t slot,
    const struct end *end)
{
	if (park(p, g, slot, end))
		return true;
	admit(p, g, slot);
	return pass_on(p, g, slot);
}

void
processes_drop_socket(struct processes *p, size_t slot, uint64_t kept)
{
	if (!p->facts.porter)
		return;
	statements_forget(p->statements, slot);
	if (kept != 0)
		porter_drop(p->facts.porter, kept);
}
