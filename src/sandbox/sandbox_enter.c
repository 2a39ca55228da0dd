/*
 * The second stage: what a connection, or a helper, enters for good.
 *
 * SPDX-License-Identifier: ISC
 */
#include "sandbox/sandbox_internal.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <prong/handler.h>

#include "base/descriptor.h"
#include "base/log.h"
#include "config/route.h"
#include "sandbox/bounds.h"
#include "sandbox/filter.h"
#include "sandbox/landlock.h"
#include "sandbox/observer.h"
#include "sandbox/refusal.h"
#include "sandbox/ruleset.h"

/* Since Linux 6.3; the headers of a build system may be older. */
#ifndef PR_SET_MDWE
#define PR_SET_MDWE		 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

/* That the kernel has obeyed is not believed, but tried: what could be
 * signalled before cannot be signalled behind the scope. */
bool
sandbox_enter_scope(const struct sandbox *s)
{
	const pid_t outside = getppid();

	return s->scope >= 0 && outside > 1 && kill(outside, 0) == 0 &&
	    landlock_restrict(s->scope) == 0 && kill(outside, 0) < 0 &&
	    errno == EPERM;
}

/* No process and no thread can be started from here on. The limit does not hold
 * for root, which is not meant to serve. */
static bool
forbid_processes(void)
{
	const struct rlimit none = { 0, 0 };

	return setrlimit(RLIMIT_NPROC, &none) == 0;
}

/* No memory becomes executable that was not. Kernels before 6.3 have the rules
 * for arguments alone. */
static void
forbid_code(void)
{
	prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0);
}

/* Takes away the calls that only other routes may make. RLIMIT_NPROC counts
 * threads like processes, so a connection that may start threads but no
 * processes needs a filter. */
static bool
put_filter(const struct sandbox *s, uint64_t needs)
{
	const enum argument_memory memory = argument_memory(needs);
	struct filter_loss loss = {
		.needs = s->needs & ~needs,
		.forks = (needs & PRONG_NEEDS_THREADS) &&
		    !(needs & PRONG_NEEDS_PROCESSES),
		.memory = ARGUMENT_MEMORY_ANY,
		.descent = needs & PRONG_NEEDS_PROCESSES,
	};

	loss.rulesets = s->makes_rulesets;
	loss.signals = s->abi < LANDLOCK_ABI_SCOPE;
	if (memory > argument_memory(s->needs))
		loss.memory = memory;

	return !s->has_filter || filter_confine(&loss) == 0;
}

static bool
restrict_files(const struct sandbox *s, const struct rules *rules)
{
	int made;
	bool ok;

	if (rules->ruleset >= 0 || !s->makes_rulesets)
		return rules->ruleset < 0 ||
		    landlock_restrict(rules->ruleset) == 0;
	made = ruleset_make(s->abi, &rules->permissions);
	ok = made >= 0 && landlock_restrict(made) == 0;
	descriptor_close(made);
	return ok;
}

/* Enters the rules, without the quotas. */
static bool
confine(const struct sandbox *s, const struct rules *rules)
{
	const uint64_t needs = rules->permissions.needs;

	if (s->is_logged)
		observer_tell((size_t)(rules - s->rules));
	if (s->off)
		return true;
	if (!restrict_files(s, rules))
		return false;
	if (argument_memory(needs) != ARGUMENT_MEMORY_ANY)
		forbid_code();
	return put_filter(s, needs) &&
	    ((needs & (PRONG_NEEDS_PROCESSES | PRONG_NEEDS_THREADS)) ||
		forbid_processes());
}

int
sandbox_enter_bare(const struct sandbox *s)
{
	if (s->off ||
	    ((s->bare < 0 || landlock_restrict(s->bare) == 0) &&
		put_filter(s, 0) && forbid_processes()))
		return 0;
	log_error("cannot enter the sandbox of the log process: %s",
	    strerror(errno));
	return -1;
}

int
sandbox_enter_workers(const struct sandbox *s, enum route_place place)
{
	refusal_expect_forks("of a worker", false);
	if (!confine(s, &s->rules[s->workers[place]])) {
		log_error("cannot enter the sandbox of the workers: %s",
		    strerror(errno));
		return -1;
	}
	sandbox_close_rulesets(s);
	return 0;
}

/* What is started may signal its group, as shells do: kill(0). */
static void
lead_group(void)
{
	setpgid(0, 0);
}

int
sandbox_enter(const struct sandbox *s, const struct route *route)
{
	const struct rules *rules = &s->rules[route->rules];
	const bool forks = sandbox_needs_let_fork(s, rules->permissions.needs);
	const struct bounds bounds = {
		.max_memory_bytes = rules->permissions.max_memory_bytes,
		.max_open_files = rules->permissions.max_open_files,
		.max_cpu_ms = rules->permissions.max_cpu_ms,
		.counts_shared = !forks,
		.starts = forks ||
		    (rules->permissions.needs & PRONG_NEEDS_THREADS),
	};

	if (s->is_resumed)
		bounds_resume(&s->server);
	if (forks)
		lead_group();
	else
		refusal_expect_forks(route->path, bounds.starts);
	if (!confine(s, rules) || bounds_enter(&bounds) < 0) {
		log_error("cannot enter the sandbox of route %s: %s",
		    route->path, strerror(errno));
		return -1;
	}
	sandbox_close_rulesets(s);
	return 0;
}
