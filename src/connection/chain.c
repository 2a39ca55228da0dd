/*
 * The handlers of a route. See chain.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "connection/chain.h"

#include <stddef.h>

#include <prong/handler.h>

#include "config/handler.h"
#include "config/route.h"
#include "http/methods.h"

static bool
is_gate(const struct handler *handler)
{
	return handler->plugin->methods & PRONG_GATE;
}

static uint64_t
methods_of(const struct handler *handler)
{
	uint64_t methods = handler->plugin->methods;

	return methods != 0 ? methods : PRONG_GET;
}

uint64_t
chain_methods(const struct route *route)
{
	uint64_t of_gates = 0, of_others = 0;

	for (size_t i = 0; i < route->handler_count; i++) {
		const struct handler *handler = &route->handlers[i];

		if (is_gate(handler))
			of_gates |= methods_of(handler);
		else
			of_others |= methods_of(handler);
	}
	return of_others != 0 ? of_others : of_gates;
}

bool
chain_calls(const struct handler *handler, uint64_t bit)
{
	return is_gate(handler) ||
	    methods_contain(handler->plugin->methods, bit);
}

bool
chain_calls_any(const struct route *route, uint64_t bit)
{
	for (size_t i = 0; i < route->handler_count; i++)
		if (chain_calls(&route->handlers[i], bit))
			return true;
	return false;
}
