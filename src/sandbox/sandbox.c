/* SPDX-License-Identifier: ISC */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <prong/handler.h>

#include "base/descriptor.h"
#include "base/log.h"
#include "base/scoreboard.h"
#include "config/configuration.h"
#include "config/route.h"
#include "config/site.h"
#include "sandbox/filter.h"
#include "sandbox/landlock.h"
#include "sandbox/permission.h"
#include "sandbox/quota.h"
#include "sandbox/ruleset.h"
#include "sandbox/sanitizer.h"

/* The permissions of the routes that share them. */
struct rules {
	struct permissions permissions;
	int ruleset; /* of Landlock; -1: none */
};

struct sandbox {
	bool off;
	bool has_filter;	 /* seccomp */
	int abi;		 /* Landlock's; 0: none */
	const char *core_folder; /* all may write there; NULL: none */
	uint64_t needs;		 /* of all routes */
	struct rules *rules;	 /* route->rules is the index */
	size_t count;
};

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
	bool ok = s->off || permissions_add(&p, route) == 0;

	if (ok) {
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
 * connections from each other.
 */
static bool
make_rulesets(struct sandbox *s)
{
	size_t i;

	if (s->count == 1 && s->abi < LANDLOCK_ABI_SCOPE)
		return true;
	for (i = 0; i < s->count && s->abi > 0; i++) {
		struct rules *rules = &s->rules[i];

		rules->ruleset = s->count == 1 ?
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
visit_gather(void *context, struct route *route)
{
	return permissions_add(context, route) == 0;
}

/* Logs the restrictions that Landlock of this kernel lacks. */
static void
log_landlock_gaps(const struct sandbox *s)
{
	if (s->abi == 0)
		log_warning("sandbox: this kernel has no Landlock: handlers "
			    "are kept from system calls, not from files");
	else if (s->abi < LANDLOCK_ABI_SCOPE)
		log_info("sandbox: Landlock ABI %d of this kernel does not "
			 "confine%s%s abstract Unix sockets%s",
		    s->abi,
		    s->abi < LANDLOCK_ABI_TRUNCATE ? " truncation," : "",
		    s->abi < LANDLOCK_ABI_TCP ? " TCP ports," : "",
		    s->has_filter ? "; signals are kept in by a filter of each "
				    "connection's own" :
				    " and signals");
}

static void
log_gaps(const struct sandbox *s, const struct configuration *c)
{
	if (c->sandbox == SANDBOX_OFF) {
		log_warning("sandbox = \"off\": handlers may do whatever the "
			    "server's user may");
	} else if (!s->has_filter && s->abi == 0) {
		log_warning("sandbox: this kernel has neither Landlock nor "
			    "seccomp: handlers may do whatever the server's "
			    "user may");
	} else {
		if (!s->has_filter)
			log_warning("sandbox: this kernel has no seccomp: "
				    "handlers are kept from files, not from "
				    "system calls");
		log_landlock_gaps(s);
	}
}

/* Whether the setting sandbox accepts this kernel. */
static bool
suffices(const struct sandbox *s, const struct configuration *c)
{
	if (c->sandbox != SANDBOX_REQUIRED)
		return true;
	if (s->abi < LANDLOCK_ABI_SCOPE)
		log_error("sandbox = \"required\", and Landlock ABI %d of this "
			  "kernel is below %d; \"on\" goes on without",
		    s->abi, LANDLOCK_ABI_SCOPE);
	else if (!s->has_filter)
		log_error("sandbox = \"required\", and this kernel has no "
			  "seccomp; \"on\" goes on without");
	else
		return true;
	return false;
}

/* The generation's stage. It includes the scopes of signals and sockets. */
static bool
enter_first_stage(struct sandbox *s, struct configuration *c)
{
	struct permissions all = { 0 };
	bool ok = each_route(c, visit_gather, &all);
	struct filter_span fixed = { NULL, 0 };
	int ruleset = -1;

	scoreboard_span(&fixed.begin, &fixed.bytes);
	if (ok && s->abi > 0) {
		ruleset = ruleset_new(s->abi, &all, s->core_folder);
		ok = ruleset >= 0 && landlock_restrict(ruleset) == 0;
	}
	descriptor_close(ruleset);
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
	if (c->sandbox != SANDBOX_OFF) {
		s->abi = landlock_abi();
		s->has_filter = filter_is_known();
	}
	s->off = s->abi == 0 && !s->has_filter;
	s->core_folder = c->core_folder;
}

static bool
make(struct sandbox *s, struct configuration *c)
{
	return each_route(c, visit_add, s) &&
	    (s->off || (make_rulesets(s) && enter_first_stage(s, c)));
}

/* This process enters no further rules, so it closes all. */
static void
close_rulesets(const struct sandbox *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		descriptor_close(s->rules[i].ruleset);
}

static void
free_sandbox(struct sandbox *s)
{
	size_t i;

	if (!s)
		return;
	close_rulesets(s);
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
		look_at_kernel(s, c);
		if (!quiet)
			log_gaps(s, c);
		if (!suffices(s, c))
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
sandbox_same_rules(const struct route *a, const struct route *b)
{
	return a->rules == b->rules;
}

bool
sandbox_has_many_rules(const struct sandbox *s)
{
	return s->count > 1;
}

/* Without a filter a handler that may start threads can also fork. */
static bool
lets_fork(const struct sandbox *s, const struct rules *rules)
{
	return s->off || !s->has_filter ||
	    (rules->permissions.needs & PRONG_NEEDS_PROCESSES);
}

bool
sandbox_lets_fork(const struct sandbox *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		if (lets_fork(s, &s->rules[i]))
			return true;
	return false;
}

/* No process and no thread can be started from here on. The limit does not hold
 * for root, which is not meant to serve. */
static bool
forbid_processes(void)
{
	const struct rlimit none = { 0, 0 };

	return setrlimit(RLIMIT_NPROC, &none) == 0;
}

/* Takes away the calls that only other routes may make. RLIMIT_NPROC counts
 * threads like processes, so a connection that may start threads but no
 * processes needs a filter. */
static bool
put_filter(const struct sandbox *s, uint64_t needs)
{
	const struct filter_loss loss = {
		.needs = s->needs & ~needs,
		.forks = (needs & PRONG_NEEDS_THREADS) &&
		    !(needs & PRONG_NEEDS_PROCESSES),
		.signals = s->abi < LANDLOCK_ABI_SCOPE,
	};

	return !s->has_filter || filter_confine(&loss) == 0;
}

/* Enters the rules, without the quotas. */
static bool
confine(const struct sandbox *s, const struct rules *rules)
{
	const uint64_t needs = rules->permissions.needs;

	if (s->off)
		return true;
	if (rules->ruleset >= 0 && landlock_restrict(rules->ruleset) < 0)
		return false;
	return put_filter(s, needs) &&
	    ((needs & (PRONG_NEEDS_PROCESSES | PRONG_NEEDS_THREADS)) ||
		forbid_processes());
}

/* The generation kills the group when the connection has ended. */
static void
lead_group(void)
{
	setpgid(0, 0);
}

int
sandbox_enter(const struct sandbox *s, const struct route *route)
{
	const struct rules *rules = &s->rules[route->rules];
	const struct quota_confinement quota = {
		.max_memory_bytes = rules->permissions.max_memory_bytes,
		.max_open_files = rules->permissions.max_open_files,
		.max_cpu_ms = rules->permissions.max_cpu_ms,
	};

	if (lets_fork(s, rules))
		lead_group();
	if (!confine(s, rules) || quota_confine(&quota) < 0) {
		log_error("cannot enter the sandbox of route %s: %s",
		    route->path, strerror(errno));
		return -1;
	}
	close_rulesets(s);
	return 0;
}
