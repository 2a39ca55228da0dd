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

struct configuration;
struct report;
struct route;
struct sandbox;

/* Called in the generation when the handlers are open: makes the rules of every
 * route and enters the first stage. When the kernel lacks a feature, "required"
 * fails, and "on" logs the gap and goes on without it; any other failure is an
 * error for both. "off" does nothing. quiet: gaps are not logged. Lives as long
 * as the process. NULL after logging. */
struct sandbox *sandbox_new(struct configuration *configuration, bool quiet);

/* Called in a connection: the rules of that route hold from here on. When its
 * handlers may start processes, the connection becomes the leader of a process
 * group, so that all of them can be killed. 0, or -1 after logging: then the
 * connection must not serve. */
int sandbox_enter(const struct sandbox *sandbox, const struct route *route);

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
