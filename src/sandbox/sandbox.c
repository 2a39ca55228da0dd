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
#include "base/refused.h"
#include "base/shared_memory.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/route.h"
#include "config/site.h"
#include "sandbox/anchor.h"
#include "sandbox/argument.h"
#include "sandbox/bounds.h"
#include "sandbox/filter.h"
#include "sandbox/gaps.h"
#include "sandbox/landlock.h"
#include "sandbox/observer.h"
#include "sandbox/outline.h"
#include "sandbox/permission.h"
#include "sandbox/quota.h"
#include "sandbox/refusal.h"
#include "sandbox/ruleset.h"
#include "sandbox/sanitizer.h"
#include "sandbox/witness.h"

/* The index of the rules with these permissions; s->count for none. *place: where
 * they are in s->sorted, or belong. */
static size_t
find_rules(const struct sandbox *s, const struct permissions *p, size_t *place)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const size_t index = s->sorted[middle];
		const int order = permissions_compare(p,
		    &s->rules[index].permissions);

		*place = middle;
		if (order == 0)
			return index;
		if (order > 0)
			low = middle + 1;
		else
			high = middle;
	}
	*place = low;
	return s->count;
}

/* Takes over the permissions when it returns true. */
static bool
insert_rules(struct sandbox *s, const struct permissions *p, size_t place)
{
	struct rules *rules = reallocarray(s->rules, s->count + 1,
	    sizeof(*rules));
	size_t *sorted;

	if (!rules)
		return false;
	s->rules = rules;
	sorted = reallocarray(s->sorted, s->count + 1, sizeof(*sorted));
	if (!sorted)
		return false;
	s->sorted = sorted;
	memmove(&sorted[place + 1], &sorted[place],
	    (s->count - place) * sizeof(*sorted));
	sorted[place] = s->count;
	rules[s->count++] = (struct rules){ *p, -1 };
	return true;
}

/* Sets *index to the rules with these permissions. *is_new: they were none of
 * an earlier route, and the permissions are taken over. */
static bool
share_rules(struct sandbox *s, const struct permissions *p, size_t *index,
    bool *is_new)
{
	size_t place;

	*index = find_rules(s, p, &place);
	*is_new = *index == s->count;
	return !*is_new || insert_rules(s, p, place);
}

static void
warn_of_many_files(const struct route *route)
{
	const uint64_t wanted = route->limits.max_open_files;
	const uint64_t had = bounds_open_files(wanted);

	if (had < wanted)
		log_warning("route %s: max_open_files is %llu, but at most one "
			    "half of the descriptors of the server is "
			    "possible, which is %llu (RLIMIT_NOFILE)",
		    route->path, (unsigned long long)wanted,
		    (unsigned long long)had);
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
		.alone = route->is_fresh ? route->handlers[0].index + 1 : 0,
	};
	bool ok = (s->off && !s->is_logged) || permissions_add(&p, route) == 0;
	bool is_new = false;

	warn_of_many_files(route);
	if (sandbox_needs_let_fork(s, p.needs))
		p.max_processes = route->limits.max_processes;
	ok = ok && share_rules(s, &p, &route->rules, &is_new);
	if (!ok || !is_new)
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
	const bool equal = s->count == 1 && !guarded && !s->renews;
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
	s->makes_rulesets = s->abi > 0 && s->count > SANDBOX_MAX_RULESETS;
	if (s->makes_rulesets || (equal && s->abi < LANDLOCK_ABI_SCOPE))
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

/* The permissions of the routes of a place. */
struct shared {
	enum route_place place;
	bool is_used;
	struct permissions permissions;
};

static bool
visit_shared(void *context, struct route *route)
{
	struct shared *shared = context;

	if (route->place != shared->place)
		return true;
	shared->is_used = true;
	return permissions_add(&shared->permissions, route) == 0;
}

/* Of all routes that workers of one kind serve, together. Those that accept live
 * even if they serve none. */
static bool
add_workers(struct sandbox *s, struct configuration *c, enum route_place place)
{
	struct shared shared = { .place = place };
	bool is_new = false;
	bool ok = (s->off && !s->is_logged) ||
	    each_route(c, visit_shared, &shared);

	if (ok && !shared.is_used && place != ROUTE_WORKER)
		return true;
	ok = ok &&
	    share_rules(s, &shared.permissions, &s->workers[place], &is_new);
	if (!ok || !is_new)
		permissions_free(&shared.permissions);
	return ok;
}

static bool
visit_name(void *context, struct route *route)
{
	struct observer_rules *rules = context;

	if (!rules[route->rules].route)
		rules[route->rules].route = route->path;
	return true;
}

/* A guardian finds the processes of its connection in /proc, which the rules of
 * no route admit. */
static bool
allow_guardians(const struct sandbox *s, int ruleset)
{
	return (!sandbox_lets_fork(s) && !s->renews) ||
	    landlock_allow_path(ruleset, s->abi, "/proc",
		LANDLOCK_MAY_READ | LANDLOCK_MAY_LIST) == 0 ||
	    landlock_is_missing(errno);
}

/* The program itself, by its open file: it may have no path any more. */
static bool
allow_program(const struct sandbox *s, int ruleset)
{
	return !s->renews ||
	    landlock_allow_path(ruleset, s->abi, "/proc/self/exe",
		LANDLOCK_MAY_READ | LANDLOCK_MAY_EXECUTE) == 0;
}

/* The generation's stage. It includes the scopes of signals and sockets. */
static bool
enter_first_stage(struct sandbox *s, struct configuration *c)
{
	struct permissions all = { 0 };
	bool ok = permissions_add_all(&all, c, s->renews) == 0;
	struct filter_span fixed = { NULL, 0 };
	struct witness witness = { 0, -1 };
	int ruleset = -1;
	uint64_t needs = all.needs;

	/* A process that is executed needs the rights of a program at first. */
	if (s->renews)
		all.needs |= PRONG_NEEDS_PROCESSES;
	shared_memory_span(&fixed.begin, &fixed.bytes);
	ok = ok && refusal_open() == 0;
	if (s->scope >= 0)
		witness_call(&witness);
	if (ok && s->abi > 0) {
		ok = sandbox_make_anchors(s, c, all.needs) &&
		    outline_make(&all, OUTLINE_MAX_PATHS) == 0;
		if (ok)
			ruleset = ruleset_new(s->abi, &all, s->core_folder);
		ok = ruleset >= 0 && allow_guardians(s, ruleset) &&
		    allow_program(s, ruleset) &&
		    landlock_restrict(ruleset) == 0;
	}
	descriptor_close(ruleset);
	if (s->scope >= 0)
		s->is_scoped = witness_proves(&witness) && ok;
	if (s->has_filter && ok) {
		ok = filter_load(needs, s->renews, s->makes_rulesets, &fixed) ==
		    0;
		s->fails_in_filter = !ok;
	}
	s->needs = all.needs;
	sanitizer_note_sandbox();
	permissions_free(&all);
	return ok;
}

static void
look_at_kernel(struct sandbox *s, const struct configuration *c, bool renews,
    struct gaps *gaps)
{
	s->renews = renews;
	s->scope = -1;
	s->is_logged = c->sandbox == SANDBOX_LOG;
	if (c->sandbox == SANDBOX_ON || c->sandbox == SANDBOX_REQUIRED) {
		*gaps = gaps_find();
		s->abi = gaps->abi;
		s->has_filter = gaps->has_filter;
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
	bounds_open(shared_memory_bytes());
	return each_route(c, visit_add, s) &&
	    (c->workers == 0 ||
		(add_workers(s, c, ROUTE_WORKER) &&
		    add_workers(s, c, ROUTE_SHARED))) &&
	    (s->is_logged ?
		    start_observer(s, c) :
		    s->off || (make_rulesets(s) && enter_first_stage(s, c)));
}

/* The index after the run of rulesets, from i on, whose descriptors are adjacent
 * numbers. */
static size_t
end_of_run(const struct sandbox *s, size_t i)
{
	int fd = s->rules[i++].ruleset;

	while (i < s->count && s->rules[i].ruleset == ++fd)
		i++;
	return i;
}

/* This process enters no further rules, so it closes all. They were made one
 * after the other, so there are few runs, even where each site has its rules. */
void
sandbox_close_rulesets(const struct sandbox *s)
{
	size_t i, end;

	descriptor_close(s->bare);
	descriptor_close(s->scope);
	anchor_close_all();
	/* A look at thousands of rules would be a fault for each of their pages. */
	if (s->makes_rulesets && !s->is_resumed)
		return;
	for (i = 0; i < s->count; i = end) {
		int first = s->rules[i].ruleset;

		end = end_of_run(s, i);
		if (first >= 0 && end - i > 1 &&
		    close_range((unsigned)first,
			(unsigned)s->rules[end - 1].ruleset, 0) == 0)
			continue;
		for (; i < end; i++)
			descriptor_close(s->rules[i].ruleset);
	}
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
	free(s->sorted);
	free(s);
}

static void
log_failure(const struct sandbox *s)
{
	const int error = errno;
	const char *call = s && s->fails_in_filter ? "seccomp" :
						     landlock_last_call();
	const bool names = s && !s->is_logged && call;

	log_error("cannot make the sandbox: %s%s%s%s", names ? call : "",
	    names ? ": " : "", strerror(error), refused_hint(error));
}

struct sandbox *
sandbox_new(struct configuration *c, bool quiet, bool renews)
{
	struct sandbox *s = calloc(1, sizeof(*s));
	struct gaps gaps = { 0 };

	if (s) {
		s->bare = -1;
		look_at_kernel(s, c, renews, &gaps);
		if (!quiet)
			gaps_log(c->sandbox, &gaps);
		if (!gaps_permit(c->sandbox, &gaps))
			goto out;
		if (make(s, c))
			return s;
	}
	log_failure(s);
out:
	free_sandbox(s);
	return NULL;
}
