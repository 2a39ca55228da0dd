/*
 * --once: one connection on standard input and output, served by the same code
 * as every other, with no master and no socket. Almost every test and every author
 * of a handler comes this way.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_ONCE_H
#define PRONG_ONCE_H

struct configuration;
struct plugin_set;

/* Serves it; the exit status is the connection's end (enum connection_end), or
 * 1 before there is one. Takes both over. */
int once_run(struct configuration *configuration, struct plugin_set *plugins);

#endif
