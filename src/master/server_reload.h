/*
 * The reloads of a server (reload.h): when one begins, and the next step after
 * each event. The first start is a reload, too.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_SERVER_RELOAD_H
#define PRONG_MASTER_SERVER_RELOAD_H

#include <stdbool.h>
#include <stdint.h>

struct server;

/* A reload is asked for. It begins now, or after the one under way, which may
 * have read the disk before the last change. */
void server_reload(struct server *server);

/* Begins the reload that is asked for, unless it has to wait. */
void server_reload_next(struct server *server);

/* The loader has sent a message, or its time is over. */
void server_reload_hear(struct server *server);

/* The generation of that number, which was replaced, has sent PROTOCOL_DRAINS
 * or ended, or the time for that is over (0: there was none). Finishes the
 * reload if it waits for that generation. */
void server_reload_yielded(struct server *server, uint64_t generation);

/* Ends the reload under way, if any: it fails, unless it is yielding already.
 * */
void server_reload_fail(struct server *server);

/* Whether the first start has failed: there is nothing to serve. */
bool server_reload_first_failed(const struct server *server);

#endif
