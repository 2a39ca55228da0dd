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

#include "base/log.h"
#include "base/scoreboard.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/route.h"
#include "config/site.h"
#include "generation/orphans.h"
#include "sandbox/filter.h"
#include "sandbox/landlock.h"
#include "sandbox/permission.h"
#include "sandbox/quota.h"
#include "sandbox/sanitizer.h"

/* What the routes that share them may do. */
struct rules {
	struct permissions permissions;
	int ruleset; /* -1: none to enter */
};

struct sandbox {
	bool off;
	int abi;
	const char *core_folder; /* everybody may write there; or NULL */
	uint64_t needs;		 /* of all routes */
	struct rules *rules;	 /* by route->rules */
	size_t count;
};

/* What no handler has to name. */
static const char *const everyone_reads[] = {
	"/dev/null",
	"/dev/zero",
	"/dev/urandom",
	"/dev/random",
	"/etc/localtime",
	"/usr/share/zoneinfo",
};

/* What libc reads to look up a name or to begin another program. */
static const char *const network_reads[] = {
	"/etc/gai.conf",
	"/etc/host.conf",
	"/etc/hosts",
	"/etc/nsswitch.conf",
	"/etc/resolv.conf",
	"/etc/services",
	"/etc/ssl/certs",
	"/run/systemd/resolve",
};
static const char *const libraries[] = {
	"/etc/ld.so.cache",
	"/lib",
	"/lib64",
	"/usr/lib",
	"/usr/lib64",
	"/usr/local/lib",
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Paths of the system that are not there need no rule. */
static bool
allow_system(int ruleset, int abi, const char *const *paths, size_t count,
    unsigned access)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (landlock_allow_path(ruleset, abi, paths[i], access) < 0 &&
		    errno != ENOENT && errno != EACCES)
			return false;
	return true;
}

static bool
allow_needs(int ruleset, int abi, uint64_t needs)
{
	const unsigned look = LANDLOCK_MAY_READ | LANDLOCK_MAY_LIST;

	if (!allow_system(ruleset, abi, everyone_reads, COUNT(everyone_reads),
		look))
		return false;
	if (landlock_allow_path(ruleset, abi, "/dev/null",
		LANDLOCK_MAY_READ | LANDLOCK_MAY_WRITE) < 0 &&
	    errno != ENOENT)
		return false;
	if ((needs & PRONG_NEEDS_NETWORK) &&
	    !allow_system(ruleset, abi, network_reads, COUNT(network_reads),
		look))
		return false;
	if (!(needs & (PRONG_NEEDS_NETWORK | PRONG_NEEDS_PROCESSES)))
		return true;
	return allow_system(ruleset, abi, libraries, COUNT(libraries),
	    look | LANDLOCK_MAY_EXECUTE);
}

/* A path that is not there yet cannot be named to the kernel: the handler will
 * not reach it before the next reload, and says so. */
static bool
allow_permissions(int ruleset, int abi, const struct permissions *p)
{
	size_t i;

	for (i = 0; i < p->path_count; i++) {
		const struct permitted_path *path = &p->paths[i];

		if (landlock_allow_path(ruleset, abi, path->path,
			path->access) == 0)
			continue;
		if (errno != ENOENT && errno != EACCES)
			return false;
		log_warning("%s: the sandbox cannot admit %s, which %s names: "
			    "%s",
		    path->handler->name, path->path, path->option,
		    strerror(errno));
	}
	for (i = 0; i < p->port_count; i++)
		if (landlock_allow_connect(ruleset, abi, p->ports[i]) < 0)
			return false;
	return allow_needs(ruleset, abi, p->needs);
}

/* Until 2023 kernels opened a core file for reading, too. Landlock's ABI 4 came
 * after that; where it is lower connections can read each other's. */
static int
allow_cores(int ruleset, int abi, const char *folder)
{
	return landlock_allow_path(ruleset, abi, folder,
	    LANDLOCK_MAY_WRITE |
		(abi < LANDLOCK_ABI_TCP ? LANDLOCK_MAY_READ : 0));
}

static int
make_ruleset(const struct sandbox *s, const struct permissions *p)
{
	int ruleset = landlock_ruleset_new(s->abi);

	if (ruleset >= 0 &&
	    (!allow_permissions(ruleset, s->abi, p) ||
		(s->core_folder &&
		    allow_cores(ruleset, s->abi, s->core_folder) < 0))) {
		int saved = errno;

		close(ruleset);
		errno = saved;
		return -1;
	}
	return ruleset;
}

/* The rules of a route, shared with an earlier one where they are the same. */
static bool
add_route(struct sandbox *s, struct route *route)
{
	struct rules *grown;
	struct permissions p = { 0 };
	size_t i;

	p.max_memory_bytes = route->limits.max_memory_bytes;
	p.max_open_files = route->limits.max_open_files;
	if (!s->off && permissions_add(&p, route) < 0)
		return false;
	for (i = 0; i < s->count; i++) {
		if (permissions_compare(&s->rules[i].permissions, &p) == 0) {
			permissions_free(&p);
			route->rules = i;
			return true;
		}
	}
	grown = realloc(s->rules, (s->count + 1) * sizeof(*grown));
	if (!grown)
		return false;
	s->rules = grown;
	s->rules[s->count] = (struct rules){ p, -1 };
	route->rules = s->count++;
	return true;
}

/*
 * What connections enter. Where all routes have the same rules, these are the
 * generation's own, and hold already: as a second layer they would make every
 * connection and every open dearer. What is left is to be kept from the others.
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
		    make_ruleset(s, &rules->permissions);
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

/* What this kernel cannot do, said once. */
static void
log_gaps(int abi)
{
	if (abi == 0)
		log_warning("sandbox: this kernel has no Landlock: handlers "
			    "are kept from system calls, not from files");
	else if (abi < LANDLOCK_ABI_SCOPE)
		log_info(
		    "sandbox: Landlock ABI %d of this kernel does not "
		    "confine%s%s abstract Unix sockets; signals are kept in "
		    "by a filter of each connection's own",
		    abi, abi < LANDLOCK_ABI_TRUNCATE ? " truncation," : "",
		    abi < LANDLOCK_ABI_TCP ? " TCP ports," : "");
}

/* The generation's own stage. The signal and socket scopes are in it, too. */
static bool
enter_first_stage(struct sandbox *s, struct configuration *c)
{
	struct permissions all = { 0 };
	bool ok = each_route(c, visit_gather, &all);
	struct filter_span fixed = { NULL, 0 };
	int ruleset = -1;

	scoreboard_span(&fixed.begin, &fixed.bytes);
	if (ok && s->abi > 0) {
		ruleset = make_ruleset(s, &all);
		ok = ruleset >= 0 && landlock_restrict(ruleset) == 0;
	}
	if (ruleset >= 0)
		close(ruleset);
	ok = ok && filter_load(all.needs, &fixed) == 0;
	s->needs = all.needs;
	sanitizer_note_sandbox();
	permissions_free(&all);
	return ok;
}

struct sandbox *
sandbox_new(struct configuration *c, bool quiet)
{
	struct sandbox *s = calloc(1, sizeof(*s));

	if (!s)
		goto fail;
	if (c->sandbox == SANDBOX_OFF) {
		s->off = true;
		if (!quiet)
			log_warning("sandbox = \"off\": handlers may do "
				    "whatever the server's user may");
		if (each_route(c, visit_add, s))
			return s;
		goto fail;
	}
	s->abi = landlock_abi();
	s->core_folder = c->core_folder;
	if (!quiet)
		log_gaps(s->abi);
	if (s->abi < LANDLOCK_ABI_SCOPE && c->sandbox == SANDBOX_REQUIRED) {
		log_error("sandbox = \"required\", and Landlock ABI %d of this "
			  "kernel is below %d; \"on\" does with what there is",
		    s->abi, LANDLOCK_ABI_SCOPE);
		goto out;
	}
	if (each_route(c, visit_add, s) && make_rulesets(s) &&
	    enter_first_stage(s, c))
		return s;
fail:
	log_error("cannot make the sandbox: %s", strerror(errno));
	if (s && c->sandbox == SANDBOX_ON && errno == ENOSYS) {
		s->off = true;
		return s;
	}
out:
	free(s);
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

static bool
lets_fork(const struct sandbox *s, const struct rules *rules)
{
	return s->off || (rules->permissions.needs & PRONG_NEEDS_PROCESSES);
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

/* Nobody adds rules any more, so nobody needs them open. */
static void
close_rulesets(const struct sandbox *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		if (s->rules[i].ruleset >= 0)
			close(s->rules[i].ruleset);
}

/* No process and no thread can be started any more. The superuser is not held
 * by it, and is not meant to serve. */
static bool
forbid_processes(void)
{
	const struct rlimit none = { 0, 0 };

	return setrlimit(RLIMIT_NPROC, &none) == 0;
}

/* Beyond what the process may use up. Threads count as processes do for the
 * limit of their number, so whoever may start threads alone needs a filter. */
static bool
confine(const struct sandbox *s, const struct rules *rules)
{
	const uint64_t needs = rules->permissions.needs;
	const struct filter_loss loss = {
		.needs = s->needs & ~needs,
		.forks = (needs & PRONG_NEEDS_THREADS) &&
		    !(needs & PRONG_NEEDS_PROCESSES),
		.signals = s->abi < LANDLOCK_ABI_SCOPE,
	};

	return s->off ||
	    ((rules->ruleset < 0 || landlock_restrict(rules->ruleset) == 0) &&
		filter_confine(&loss) == 0 &&
		((needs & (PRONG_NEEDS_PROCESSES | PRONG_NEEDS_THREADS)) ||
		    forbid_processes()));
}

int
sandbox_enter(const struct sandbox *s, const struct route *route)
{
	const struct rules *rules = &s->rules[route->rules];

	if (lets_fork(s, rules))
		orphans_lead_group();
	if (!confine(s, rules) ||
	    quota_confine(rules->permissions.max_memory_bytes,
		rules->permissions.max_open_files) < 0) {
		log_error("cannot enter the sandbox of route %s: %s",
		    route->path, strerror(errno));
		return -1;
	}
	close_rulesets(s);
	return 0;
}
