/* SPDX-License-Identifier: ISC */
#include "sandbox/sandbox_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <prong/handler.h>

#include "base/descriptor.h"
#include "base/log.h"
#include "base/rings.h"
#include "base/scoreboard.h"
#include "config/configuration.h"
#include "config/route.h"
#include "config/site.h"
#include "sandbox/argument.h"
#include "sandbox/bounds.h"
#include "sandbox/filter.h"
#include "sandbox/gaps.h"
#include "sandbox/landlock.h"
#include "sandbox/observer.h"
#include "sandbox/permission.h"
#include "sandbox/quota.h"
#include "sandbox/refusal.h"
#include "sandbox/ruleset.h"
#include "sandbox/sanitizer.h"
#include "sandbox/witness.h"

/* Without a filter a handler that may start threads can also fork. */
bool
sandbox_needs_let_fork(const struct sandbox *s, uint64_t needs)
{
	return s->off || !s->has_filter || (needs & PRONG_NEEDS_PROCESSES);
}

/* The index of the rules with these permissions; s->count for none. */
static size_t
find_rules(const struct sandbox *s, const struct permissions *p)
{
	size_t i = 0;

	while (i < s->count &&
	    permissions_compare(&s->rules[i].permissions, p) != 0)
		i++;
	return i;
}

/* Takes over the permissions when it returns true. */
static bool
append_rules(struct sandbox *s, const struct permissions *p)
{
	struct rules *grown = reallocarray(s->rules, s->count + 1,
	    sizeof(*grown));

	if (!grown)
		return false;
	s->rules = grown;
	s->rules[s->count++] = (struct rules){ *p, -1 };
	return true;
}

/* Adds the rules of a route, or shares those of an earlier route. */
static bool
add_route(struct sandbox *s, struct route *route)
{
	struct permissions p = {
		.max_memory_bytes = route->limits.max_memory_bytes,
		.max_open_files = route->limits.max_open_files,
		.max_cpu_ms = quota_cpu_in_all_ms(&route->limits,
		    route->handler_count),
	};
	bool ok = (s->off && !s->is_logged) || permissions_add(&p, route) == 0;

	if (ok) {
		if (sandbox_needs_let_fork(s, p.needs))
			p.max_processes = route->limits.max_processes;
		route->rules = find_rules(s, &p);
		if (route->rules == s->count && append_rules(s, &p))
			return true;
		ok = route->rules < s->count;
	}
	permissions_free(&p);
	return ok;
}

/*
 * Makes the rulesets that connections enter. When all routes have the same
 * rules, the generation has entered these already: a second layer would make
 * every connection and every open slower. Then the ruleset only separates the
 * connections from each other. Where handlers can start processes, the rules of
 * the generation are wider, since guardians read /proc.
 */
static bool
make_rulesets(struct sandbox *s)
{
	const bool guarded = sandbox_lets_fork(s);
	const bool equal = s->count == 1 && !guarded;
	size_t i;

	if (s->abi > 0) {
		s->bare = landlock_ruleset_new(s->abi);
		if (s->bare < 0)
			return false;
	}
	if (guarded && s->abi >= LANDLOCK_ABI_SCOPE) {
		s->scope = landlock_scope_new();
		if (s->scope < 0)
			return false;
	}
	if (equal && s->abi < LANDLOCK_ABI_SCOPE)
		return true;
	for (i = 0; i < s->count && s->abi > 0; i++) {
		struct rules *rules = &s->rules[i];

		rules->ruleset = equal ?
		    landlock_scope_new() :
		    ruleset_new(s->abi, &rules->permissions, s->core_folder);
		if (rules->ruleset < 0)
			return false;
	}
	return true;
}

typedef bool visitor(void *context, struct route *route);

static bool
each_route(struct configuration *c, visitor *visit, void *context)
{
	size_t i, j;

	for (i = 0; i < c->site_count; i++)
		for (j = 0; j < c->sites[i].route_count; j++)
			if (!visit(context, &c->sites[i].routes[j]))
				return false;
	return true;
}

static bool
visit_add(void *context, struct route *route)
{
	return add_route(context, route);
}

static bool
visit_name(void *context, struct route *route)
{
	struct observer_rules *rules = context;

	if (!rules[route->rules].route)
		rules[route->rules].route = route->path;
	return true;
}

static bool
visit_gather(void *context, struct route *route)
{
	return permissions_add(context, route) == 0;
}

/* The memory that spans the scoreboard and the rings, and what is between. */
static void
find_shared(struct filter_span *span)
{
	uintptr_t begin, end, other;
	const void *rings;
	size_t bytes;

	scoreboard_span(&span->begin, &span->bytes);
	rings_span(&rings, &bytes);
	if (bytes == 0)
		return;
	begin = (uintptr_t)span->begin;
	end = begin + span->bytes;
	other = (uintptr_t)rings;
	if (span->bytes == 0 || other < begin)
		span->begin = rings;
	if (span->bytes == 0 || other + bytes > end)
		end = other + bytes;
	span->bytes = end - (uintptr_t)span->begin;
}

/* A guardian finds the processes of its connection in /proc, which the rules of
 * no route admit. */
static bool
allow_guardians(const struct sandbox *s, int ruleset)
{
	return !sandbox_lets_fork(s) ||
	    landlock_allow_path(ruleset, s->abi, "/proc",
		LANDLOCK_MAY_READ | LANDLOCK_MAY_LIST) == 0 ||
	    errno == ENOENT || errno == EACCES;
}

/* The generation's stage. It includes the scopes of signals and sockets. */
static bool
enter_first_stage(struct sandbox *s, struct configuration *c)
{
	struct permissions all = { 0 };
	bool ok = each_route(c, visit_gather, &all);
	struct filter_span fixed = { NULL, 0 };
	struct witness witness;
	int ruleset = -1;

	find_shared(&fixed);
	ok = ok && refusal_open() == 0;
	if (s->scope >= 0)
		witness_call(&witness);
	if (ok && s->abi > 0) {
		ruleset = ruleset_new(s->abi, &all, s->core_folder);
		ok = ruleset >= 0 && allow_guardians(s, ruleset) &&
		    landlock_restrict(ruleset) == 0;
	}
	descriptor_close(ruleset);
	if (s->scope >= 0)
		s->is_scoped = witness_proves(&witness) && ok;
	if (s->has_filter)
		ok = ok && filter_load(all.needs, &fixed) == 0;
	s->needs = all.needs;
	sanitizer_note_sandbox();
	permissions_free(&all);
	return ok;
}

static void
look_at_kernel(struct sandbox *s, const struct configuration *c)
{
	s->scope = -1;
	s->is_logged = c->sandbox == SANDBOX_LOG;
	if (c->sandbox == SANDBOX_ON || c->sandbox == SANDBOX_REQUIRED) {
		s->abi = landlock_abi();
		s->has_filter = filter_is_known();
	}
	s->off = s->abi == 0 && !s->has_filter;
	s->core_folder = c->core_folder;
}

/* The observer has a copy of the rules, being a fork. */
static bool
start_observer(const struct sandbox *s, struct configuration *c)
{
	struct observer_rules *rules = calloc(s->count + 1, sizeof(*rules));
	bool ok = rules && each_route(c, visit_name, rules);
	size_t i;

	for (i = 0; ok && i < s->count; i++)
		rules[i].needs = s->rules[i].permissions.needs;
	ok = ok && refusal_open() == 0 && observer_start(rules, s->count) == 0;
	free(rules);
	return ok;
}

static bool
make(struct sandbox *s, struct configuration *c)
{
	struct filter_span apart = { NULL, 0 };

	scoreboard_span(&apart.begin, &apart.bytes);
	bounds_open(apart.bytes);
	return each_route(c, visit_add, s) &&
	    (s->is_logged ?
		    start_observer(s, c) :
		    s->off || (make_rulesets(s) && enter_first_stage(s, c)));
}

/* This process enters no further rules, so it closes all. */
void
sandbox_close_rulesets(const struct sandbox *s)
{
	size_t i;

	descriptor_close(s->bare);
	for (i = 0; i < s->count; i++)
		descriptor_close(s->rules[i].ruleset);
	descriptor_close(s->scope);
}

static void
free_sandbox(struct sandbox *s)
{
	size_t i;

	if (!s)
		return;
	sandbox_close_rulesets(s);
	for (i = 0; i < s->count; i++)
		permissions_free(&s->rules[i].permissions);
	free(s->rules);
	free(s);
}

struct sandbox *
sandbox_new(struct configuration *c, bool quiet)
{
	struct sandbox *s = calloc(1, sizeof(*s));

	if (s) {
		s->bare = -1;
		look_at_kernel(s, c);
		if (!quiet)
			gaps_log(c->sandbox, s->abi, s->has_filter);
		if (!gaps_permit(c->sandbox, s->abi, s->has_filter))
			goto out;
		if (make(s, c))
			return s;
	}
	log_error("cannot make the sandbox: %s", strerror(errno));
out:
	free_sandbox(s);
	return NULL;
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
