/*
 * The master: lives as long as the service. Opens sockets and logs, executes
 * generations from the last good set and keeps one alive, stops the service. It
 * never loads a handler and never reads an octet that a client sent.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_H
#define PRONG_MASTER_H

struct configuration;
struct plugin_set;

/* Serves until SIGTERM or SIGINT; the exit status. Takes both over. */
int master_run(struct configuration *configuration,
    struct plugin_set *plugins);

#endif
