/*
 * The metrics of handlers, and of routes that are counted apart.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_METRICS_HANDLERS_H
#define STATUS_METRICS_HANDLERS_H

struct metrics_writer;

/* 0, or -1 when the client has gone. */
int metrics_handlers_write(const struct metrics_writer *writer);

#endif
