/*
 * The sandbox, in two stages. The generation's is inherited by every connection
 * and costs them nothing: the filter of system calls, and Landlock rules for
 * what all handlers need together. A connection adds those of its route alone
 * before the first handler runs. With shared rules there is no third stage: a
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

/* In the generation, whose handlers are open: makes the rules of every route
 * and puts on the first stage. Where the kernel lacks something, "required"
 * fails, and "on" logs once what is not confined and goes on without; a sandbox
 * that fails in any other way is an error for both. "off" does nothing. Lives
 * as long as the process. NULL after logging. */
struct sandbox *sandbox_new(struct configuration *configuration, bool quiet);

/* In a connection: keeps to the rules of that route from here on. Where its
 * handlers may start processes, the connection leads a process group from here
 * on, by which all of them can be ended. 0, or -1 after logging: then nothing
 * may be served. */
int sandbox_enter(const struct sandbox *sandbox, const struct route *route);

/* Whether a process that keeps to the rules of one may serve the other. */
bool sandbox_same_rules(const struct route *a, const struct route *b);

/* Whether there are routes with different rules at all. */
bool sandbox_has_many_rules(const struct sandbox *sandbox);

/* Whether handlers of some route can start processes. */
bool sandbox_lets_fork(const struct sandbox *sandbox);

/* Logs what each route's handlers may do. Like the next, where the handlers are
 * loaded. */
void sandbox_print(const struct configuration *configuration);

/* Warns of files in folders that hold much else. */
void sandbox_warn(const struct configuration *configuration,
    struct report *report);

#endif
