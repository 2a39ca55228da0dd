/* SPDX-License-Identifier: ISC */
#include "generation/blame.h"

#include <string.h>

#include "config/configuration.h"
#include "config/handler.h"
#include "config/route.h"
#include "connection/statement.h"
#include "generation/children.h"
#include "sandbox/sandbox.h"

/* The name in full, if a process with that first route could have called such a
 * handler. */
static const char *
find_name(const struct configuration *c, const struct route *first,
    const char *name)
{
	const struct handler *handler;
	size_t cursor = 0;

	while ((handler = configuration_next_handler(c, &cursor)))
		if (strncmp(handler->name, name, BLAME_NAME_BYTES - 1) == 0 &&
		    sandbox_same_rules(first, handler->route))
			return handler->name;
	return NULL;
}

static void
blame_handler(struct blame *b, const struct configuration *c, uint64_t index,
    const char *claimed)
{
	if (index >= c->handler_count)
		return;
	b->route = c->handlers[index]->route;
	b->handler = find_name(c, b->route, claimed);
	if (!b->handler && b->route->handler_count == 1)
		b->handler = b->route->handlers[0].name;
}

void
blame_find(struct blame *b, const struct configuration *c,
    const struct blame_facts *facts)
{
	const struct child *child = facts->child;

	*b = (struct blame){ .client = child->client, .key = child->key };
	if (facts->statement) {
		b->client = facts->statement->facts.client;
		b->key = facts->statement->key;
	}
	b->is_exempt = configuration_trusts(c, &b->client);
	if (facts->has_called)
		blame_handler(b, c, facts->first_handler, facts->claimed);
}
