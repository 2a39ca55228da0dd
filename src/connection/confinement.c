/* SPDX-License-Identifier: ISC */
#include "connection/confinement.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/log.h"
#include "config/handler.h"
#include "config/place.h"
#include "config/route.h"
#include "connection/first_handler.h"
#include "connection/guardian.h"
#include "connection/renewal.h"
#include "connection/statement.h"
#include "message/channel.h"
#include "sandbox/sandbox.h"

/* False after logging: what the handlers start would be nobody's. */
static bool
get_guardian(const struct confinement *c, const struct channel *channel,
    const struct route *route)
{
	if (!sandbox_route_lets_fork(c->sandbox, route) ||
	    guardian_begin(channel, c->sandbox, route) == 0)
		return true;
	log_error("route %s: cannot fork a guardian: %s", route->path,
	    strerror(errno));
	return false;
}

/* Once in a process: after this handlers run, which may be hostile, or it ends. */
static void
make_statement(struct confinement *c, const struct channel *channel)
{
	if (c->statement)
		statement_make(c->statement, &channel->facts, channel->key);
	c->statement = NULL;
}

void
confinement_leave(struct confinement *c, const struct channel *channel)
{
	make_statement(c, channel);
}

bool
confinement_is_shared(const struct confinement *c)
{
	return c->arguments && c->arguments->wait && !c->arguments->own_route;
}

enum confinement_verdict
confinement_look(const struct confinement *c, const struct route *route)
{
	const struct connection_arguments *a = c->arguments;

	if (c->is_refused && route->place == ROUTE_POOL)
		return CONFINEMENT_BUSY;
	if (a && a->give && route->place != a->place)
		return CONFINEMENT_DIFFERS;
	if (a && a->has_ceilings && a->admitted != route &&
	    place_has_ceiling(route))
		return CONFINEMENT_DIFFERS;
	if (!a || !a->own_route)
		return CONFINEMENT_HOLDS;
	if (a->own_route != route)
		return CONFINEMENT_DIFFERS;
	return a->has_failed ? CONFINEMENT_FAILED : CONFINEMENT_HOLDS;
}

enum confinement_verdict
confinement_enter(struct confinement *c, const struct channel *channel,
    const struct route *route)
{
	if (c->sandbox && c->route)
		return sandbox_same_rules(c->route, route) ?
		    CONFINEMENT_HOLDS :
		    CONFINEMENT_DIFFERS;
	/* A process of many connections has no first handler. */
	if (!c->route && !confinement_is_shared(c))
		first_handler_tell(route->handlers[0].index);
	if (c->arguments && c->arguments->renewal) {
		if (route->is_fresh) {
			make_statement(c, channel);
			return CONFINEMENT_STALE;
		}
		renewal_give_up(c->arguments->renewal);
	}
	if (c->sandbox &&
	    (!get_guardian(c, channel, route) ||
		sandbox_enter(c->sandbox, route) < 0))
		return CONFINEMENT_FAILED;
	c->route = route;
	make_statement(c, channel);
	return CONFINEMENT_HOLDS;
}
