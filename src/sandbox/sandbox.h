/*
 * The sandbox, in two stages. The generation enters the first one: the filter
 * of system calls, and Landlock rules for all handlers together. Connections
 * inherit it without cost. A connection enters the second stage before the
 * first handler runs: the rules of its route alone. There is no third stage: a
 * request for a route with other rules goes to a fresh process.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_SANDBOX_H
#define PRONG_SANDBOX_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/route.h"
#include "sandbox/bounds.h"

struct configuration;
struct report;
struct route;
struct sandbox;

/* Called in the generation when the handlers are open: makes the rules of every
 * route and enters the first stage. When the kernel lacks a feature, "required"
 * fails, and "on" logs the gap and goes on without it; any other failure is an
 * error for both. "off" does nothing. quiet: gaps are not logged. Lives as long
 * as the process. renews: connections to fresh routes are executed afresh behind
 * the first stage. NULL after logging. */
struct sandbox *sandbox_new(struct configuration *configuration, bool quiet,
    bool renews);

/* What a process that is executed afresh must know of its sandbox: the first
 * stage holds, and the second one is made already. */
struct sandbox_heritage {
	bool off, is_logged, has_filter, is_scoped, makes_rulesets;
	int abi;
	int ruleset, scope; /* descriptors; -1: none */
	uint64_t needs;	    /* of all routes, and of the route */
	uint64_t route_needs;
	uint64_t max_memory_bytes, max_open_files, max_processes, max_cpu_ms;
	size_t rules; /* the number of the route's rules */
	struct bounds_server server;
};

/* In a connection that is about to be executed afresh for that route. The
 * descriptors are those of the sandbox, or a ruleset that is made here. 0, or -1
 * and errno. */
int sandbox_bequeath(const struct sandbox *sandbox, const struct route *route,
    struct sandbox_heritage *heritage);

/* In the process that was executed, before any code of handlers runs: the
 * sandbox in which sandbox_enter can be called for that route alone. The memory
 * that it shares cannot be moved from here on. NULL after
 * logging. */
struct sandbox *sandbox_resume(const struct sandbox_heritage *heritage,
    struct configuration *configuration, struct route *route);

/* Called in a connection: the rules of that route hold from here on. When its
 * handlers may start processes, the connection becomes the leader of a process
 * group, so that kill(0) of one of these reaches no other connection. 0, or -1
 * after logging: then the connection must not serve. */
int sandbox_enter(const struct sandbox *sandbox, const struct route *route);

/* Called in a worker: the rules of all routes of that place together hold from here
 * on, and no process can be started. 0, or -1 after logging. */
int sandbox_enter_workers(const struct sandbox *sandbox,
    enum route_place place);

/* Called in a process of the generation that runs no handler: it may open no
 * file and start no process from here on. 0, or -1 after logging. */
int sandbox_enter_bare(const struct sandbox *sandbox);

/* Whether a process with the rules of one route may serve the other. */
bool sandbox_same_rules(const struct route *a, const struct route *b);

/* Whether some routes have different rules. */
bool sandbox_has_many_rules(const struct sandbox *sandbox);

/* Whether handlers of some route can start processes. */
bool sandbox_lets_fork(const struct sandbox *sandbox);

/* Whether handlers of that route can. */
bool sandbox_route_lets_fork(const struct sandbox *sandbox,
    const struct route *route);

/* Called in a connection, before sandbox_enter: from here on this process and
 * its descendants can signal nobody but each other. True only where that is
 * proven to be in force; false also on a kernel without scopes (landlock.h), and
 * where the sandbox is off. */
bool sandbox_enter_scope(const struct sandbox *sandbox);

/* Called by a generation at its end: kills everything that descends from it. It
 * does nothing and returns false unless handlers can start processes, and it is
 * proven that the signal reaches nobody else. */
bool sandbox_kill_all(const struct sandbox *sandbox);

/* Logs the permissions of each route's handlers, which must be loaded, also for
 * sandbox_warn. */
void sandbox_print(const struct configuration *configuration);

/* Warns of options that name a file in a broad folder ("/etc", say), which the
 * sandbox would open to the handler. */
void sandbox_warn(const struct configuration *configuration,
    struct report *report);

#endif
