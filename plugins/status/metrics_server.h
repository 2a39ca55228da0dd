/*
 * The metrics of generations, reloads and processes.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_METRICS_SERVER_H
#define STATUS_METRICS_SERVER_H

struct metrics_writer;

/* 0, or -1 when the client has gone. */
int metrics_server_write(const struct metrics_writer *writer);

#endif
