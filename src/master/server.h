/*
 * The server owns the parts of the master, and decides the next step after each
 * event: a request of prong(1), a message or the end of a generation, a
 * deadline. The parts (reload.h, stop.h, upgrade.h and so on) report events and
 * never call the server. server_reload.h and server_generation.h have the
 * decisions about reloads and generations. master.c waits for events.
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

/* Opens the logs again, now or after the reload, start or upgrade under way. */
void server_reopen(struct server *server);

/* Goes on as the release that is installed, now or after the reload or start
 * under way. */
void server_upgrade(struct server *server);

/* Stops: requests under way finish, idle connections close. A second call kills
 * all children. */
void server_stop(struct server *server);

/* Carries out a request of prong(1), now or after the reload, start or upgrade
 * under way. */
void server_obey(struct server *server, const struct control_request *request);

/* A generation, or the proof of an upgrade, has sent a message. */
void server_hear_generation(struct server *server, pid_t pid);
void server_hear_proof(struct server *server);

/* Continues after an upgrade: starts a generation if none serves or starts. */
void server_resume(struct server *server);

/* A child has ended, with that status of waitpid(2). */
void server_end_child(struct server *server, pid_t pid, int status);

/* server_check_deadlines takes the steps that are due; server_deadline tells
 * when the next one is due, of clock_ms. */
void server_check_deadlines(struct server *server);
int64_t server_deadline(const struct server *server);

#endif
