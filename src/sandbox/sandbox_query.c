/*
 * What the sandbox says of its rules.
 *
 * SPDX-License-Identifier: ISC
 */
#include <signal.h>

#include <prong/handler.h>

#include "config/route.h"
#include "sandbox/sandbox_internal.h"

/* Without a filter a handler that may start threads can also fork. */
bool
sandbox_needs_let_fork(const struct sandbox *s, uint64_t needs)
{
	return s->off || !s->has_filter || (needs & PRONG_NEEDS_PROCESSES);
}

bool
sandbox_kill_all(const struct sandbox *s)
{
	if (s->is_scoped)
		kill(-1, SIGKILL);
	return s->is_scoped;
}

bool
sandbox_same_rules(const struct route *a, const struct route *b)
{
	return a->rules == b->rules;
}

bool
sandbox_has_many_rules(const struct sandbox *s)
{
	return s->count > 1;
}

bool
sandbox_lets_fork(const struct sandbox *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		if (sandbox_needs_let_fork(s, s->rules[i].permissions.needs))
			return true;
	return false;
}

bool
sandbox_route_lets_fork(const struct sandbox *s, const struct route *route)
{
	return sandbox_needs_let_fork(s,
	    s->rules[route->rules].permissions.needs);
}
