/*
 * The counts as metrics, in Prometheus's text form and as OpenMetrics.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_METRICS_H
#define STATUS_METRICS_H

#include <stdbool.h>

struct counts;
struct prong_request;

/* Appends the metrics to the response: 0, or -1 when the client has gone. */
int metrics_write(struct prong_request *request, const struct counts *counts,
    bool is_open);

#endif
