/*
 * A member of a pool: a process of the generation that serves the clients of one
 * route, one after the other, by the code of a process that has one client. A
 * worker that accepts lends it a connection (loan.h), or it gets one by the porter; it
 * gives the connection back when the client is idle or asks for another route. It enters the sandbox of the route, and calls child, before the first
 * one.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_WORKER_MEMBER_H
#define PRONG_WORKER_MEMBER_H

struct route;
struct worker_facts;

/* Called in the process that was forked for it: serves until it is told to end, has
 * served as many requests as it may, or a handler retires it; and ends the process.
 * Of the facts that of listeners is not used. */
_Noreturn void member_run(const struct worker_facts *facts,
    const struct route *route);

#endif
