/*
 * The generations of a server (generations.h): the decisions after a message of
 * a generation, after its end, and after its deadline.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_SERVER_GENERATION_H
#define PRONG_MASTER_SERVER_GENERATION_H

struct generation_process;
struct listeners;
struct server;

/* Starts a generation from the inputs in force, or plans that after a delay if
 * it fails. */
void server_generation_restart(struct server *server);

/* Takes a message of the generation. */
void server_generation_hear(struct server *server,
    struct generation_process *g);

/* The generation has ended, with that status of waitpid(2): removes it from the
 * table and decides whether another one starts. */
void server_generation_ended(struct server *server,
    struct generation_process *g, int status);

/* Tells the generation to drain: it closes the listeners that are in kept at
 * once, and the others when their backlogs are empty. */
void server_generation_drain(struct server *server,
    struct generation_process *g, const struct listeners *kept);

/* Kills the generations whose deadline has passed, or that hang; asks others for
 * a sign of life. */
void server_generation_check(struct server *server);

/* Sends the status to the clients that wait for it. */
void server_generation_status(struct server *server);

#endif
