/*
 * --once: one connection on standard input and output, served by the same code
 * as every other connection, without a master and a listener. Most tests, and
 * authors of handlers, use it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_ONCE_H
#define PRONG_ONCE_H

struct configuration;
struct plugin_set;

/* Serves the connection and frees both arguments. Returns the exit status: the
 * end of the connection (enum connection_end), or 1 when the start failed. */
int once_run(struct configuration *configuration, struct plugin_set *plugins);

#endif
