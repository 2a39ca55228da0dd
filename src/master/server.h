/*
 * The server: owns what the master is made of, and decides what comes next when a
 * client asks, a generation says something or ends, a time has come. The parts
 * (reload.h, stop.h, upgrade.h and so on) tell what happened and never call it;
 * server_reload.h and server_generation.h are the decisions about reloads and
 * generations. master.c waits for what happens.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_SERVER_H
#define PRONG_MASTER_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "master/activation.h"
#include "master/master_state.h"
#include "master/reload.h"
#include "master/reopening.h"
#include "master/restart.h"
#include "master/stop.h"
#include "master/upgrade.h"

struct command;
struct control_request;

struct server {
	const struct command *command;
	struct activation activation; /* sockets that were passed */
	struct master_state state;
	struct reload reload;
	struct reopening reopening;
	struct upgrade upgrade;
	struct restart restart;
	struct stop stop;
	int64_t status_due_ms; /* INT64_MAX: nobody asked */
};

#define SERVER_INITIAL \
	((struct server){ .state = MASTER_STATE_NONE, \
	    .reload = RELOAD_INITIAL, \
	    .upgrade = UPGRADE_NONE, \
	    .restart = RESTART_NONE, \
	    .stop = STOP_NONE, \
	    .status_due_ms = INT64_MAX })

/* Opens the logs again, now or when what is under way has ended. */
void server_reopen(struct server *server);

/* Requests under way finish, idle connections close. A second call waits for
 * nobody. */
void server_stop(struct server *server);

/* Does what a client asks for, now or when what is under way has ended. */
void server_obey(struct server *server, const struct control_request *request);

/* A generation, the proof of an upgrade, has sent something. */
void server_hear_generation(struct server *server, pid_t pid);
void server_hear_proof(struct server *server);

/* Goes on where the release before was: a generation is started when none is left
 * that serves. */
void server_resume(struct server *server);

/* A child was waited for. */
void server_end_child(struct server *server, pid_t pid, int status);

/* Does what is due; when something will be, of clock_ms. */
void server_check_deadlines(struct server *server);
int64_t server_deadline(const struct server *server);

#endif
