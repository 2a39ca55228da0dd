/*
 * The sandbox of a process that was executed afresh: the first stage has been
 * inherited, and what the second one needs is handed over.
 *
 * SPDX-License-Identifier: ISC
 */
#include "sandbox/sandbox_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/shared_memory.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/route.h"
#include "sandbox/filter.h"
#include "sandbox/refusal.h"
#include "sandbox/ruleset.h"
#include "sandbox/sanitizer.h"

int
sandbox_bequeath(const struct sandbox *s, const struct route *route,
    struct sandbox_heritage *h)
{
	const struct rules *rules = &s->rules[route->rules];
	const struct permissions *p = &rules->permissions;

	int ruleset = rules->ruleset;

	if (s->makes_rulesets) {
		ruleset = ruleset_make(s->abi, &rules->permissions);
		if (ruleset < 0)
			return -1;
	}
	*h = (struct sandbox_heritage){
		.off = s->off,
		.is_logged = s->is_logged,
		.has_filter = s->has_filter,
		.is_scoped = s->is_scoped,
		.abi = s->abi,
		.ruleset = ruleset,
		.makes_rulesets = s->makes_rulesets,
		.scope = s->scope,
		.needs = s->needs,
		.route_needs = p->needs,
		.max_memory_bytes = p->max_memory_bytes,
		.max_open_files = p->max_open_files,
		.max_processes = p->max_processes,
		.max_cpu_ms = p->max_cpu_ms,
		.rules = route->rules,
		.server = bounds_server(),
	};
	return 0;
}

/* No other route has rules here: a request for one belongs elsewhere. */
static void
number_routes(struct sandbox *s, struct configuration *c, struct route *own)
{
	struct handler *handler;
	size_t cursor = 0;

	while ((handler = configuration_next_handler(c, &cursor)))
		((struct route *)(uintptr_t)handler->route)->rules = s->count;
	own->rules = s->count - 1;
}

static bool
make_rules(struct sandbox *s, const struct sandbox_heritage *h)
{
	size_t i;

	s->count = h->rules + 1;
	s->rules = calloc(s->count, sizeof(*s->rules));
	if (!s->rules)
		return false;
	for (i = 0; i < s->count; i++)
		s->rules[i].ruleset = -1;
	s->rules[h->rules] = (struct rules){
		.ruleset = h->ruleset,
		.permissions = {
			.needs = h->route_needs,
			.max_memory_bytes = h->max_memory_bytes,
			.max_open_files = h->max_open_files,
			.max_processes = h->max_processes,
			.max_cpu_ms = h->max_cpu_ms,
		},
	};
	return true;
}

static bool
enter_filters(const struct sandbox *s)
{
	struct filter_span fixed = { NULL, 0 };

	if (s->off)
		return true;
	shared_memory_span(&fixed.begin, &fixed.bytes);
	sanitizer_note_sandbox();
	return refusal_open() == 0 &&
	    (!s->has_filter || filter_resume(&fixed) == 0);
}

struct sandbox *
sandbox_resume(const struct sandbox_heritage *h, struct configuration *c,
    struct route *route)
{
	struct sandbox *s = calloc(1, sizeof(*s));

	if (s) {
		*s = (struct sandbox){
			.off = h->off,
			.is_logged = h->is_logged,
			.has_filter = h->has_filter,
			.is_scoped = h->is_scoped,
			.makes_rulesets = h->makes_rulesets,
			.is_resumed = true,
			.server = h->server,
			.abi = h->abi,
			.scope = h->scope,
			.bare = -1,
			.needs = h->needs,
			.core_folder = c->core_folder,
		};
		if (make_rules(s, h) && enter_filters(s)) {
			number_routes(s, c, route);
			return s;
		}
	}
	free(s);
	log_error("cannot go on in the sandbox of route %s: %s", route->path,
	    strerror(errno));
	return NULL;
}
