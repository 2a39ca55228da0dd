/*
 * The master: opens sockets and logs, executes generations and keeps one alive.
 * It keeps root where it was started by root, never maps a handler and never
 * reads what a client sends.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_MASTER_H
#define PRONG_MASTER_MASTER_H

struct command;

/* Serves until it is told to stop. The process's exit status. */
int master_run(const struct command *command);

#endif
