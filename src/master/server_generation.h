/*
 * The generations of a server: what follows when one says something, when it ends,
 * when its time is over (generations.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_SERVER_GENERATION_H
#define PRONG_MASTER_SERVER_GENERATION_H

struct generation_process;
struct listeners;
struct server;

/* A generation from what is in force, now or after a delay. */
void server_generation_restart(struct server *server);

/* Takes a message from it. */
void server_generation_hear(struct server *server,
    struct generation_process *g);

/* It was waited for; it is no longer in the table. */
void server_generation_ended(struct server *server,
    struct generation_process *g, int status);

/* Has it accept no more, but what waits at listeners that kept has not. */
void server_generation_drain(struct server *server,
    struct generation_process *g, const struct listeners *kept);

/* Ends those whose time is over. */
void server_generation_check(struct server *server);

/* Clients that wait for the status are told. */
void server_generation_status(struct server *server);

#endif
