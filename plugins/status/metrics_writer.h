/*
 * What metrics are written with: families, and labels whose values cannot end them.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_METRICS_WRITER_H
#define STATUS_METRICS_WRITER_H

#include <stdbool.h>
#include <stdint.h>

struct prong_request;

struct metrics_writer {
	struct prong_request *request;
	bool is_open; /* OpenMetrics */
};

/* These return 0, or -1 when the client has gone. Begins a family; type is
 * "counter", "gauge" or "histogram". */
int metrics_begin(const struct metrics_writer *writer, const char *name,
    const char *type, const char *help);

/* Writes NAME="VALUE". */
int metrics_label(const struct metrics_writer *writer, const char *name,
    const char *value);

/* A number of microseconds in seconds. */
int metrics_seconds(const struct metrics_writer *writer, uint64_t us);

#endif
