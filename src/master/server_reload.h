/*
 * The reloads of a server: when one begins, and what follows from what happens to
 * it (reload.h). The first start is one, too.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_SERVER_RELOAD_H
#define PRONG_MASTER_SERVER_RELOAD_H

#include <stdbool.h>
#include <stdint.h>

struct server;

/* One is asked for: it begins now, or when the one under way has ended, since the
 * disk may have changed since that was read. */
void server_reload(struct server *server);

/* Begins the one that is asked for, if nothing else comes first. */
void server_reload_next(struct server *server);

/* The loader has sent something, or its time is over. */
void server_reload_hear(struct server *server);

/* The generation before, of that number, accepts no more, or is not waited for
 * any longer. */
void server_reload_yielded(struct server *server, uint64_t generation);

/* What is under way, if anything, ends here. */
void server_reload_fail(struct server *server);

/* The first start has failed: there is nothing to serve. */
bool server_reload_first_failed(const struct server *server);

#endif
