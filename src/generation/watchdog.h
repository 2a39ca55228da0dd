/*
 * Overdue connections: processes that take longer than max_request_time and did
 * not end by themselves, having blocked the signal, and those that stand still
 * (stall.h). They are killed.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_WATCHDOG_H
#define PRONG_GENERATION_WATCHDOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "generation/stall.h"

struct children;
struct configuration;
struct scoreboard;

struct overdue {
	const struct scoreboard *scoreboard;
	struct children *children; /* whose slots are the scoreboard's */
	size_t slots;
	bool has_time_limits; /* some route's max_request_time */
	struct stall_limits stall_limits;
	int64_t next_ms;
};

void overdue_init(struct overdue *overdue,
    const struct configuration *configuration,
    const struct scoreboard *scoreboard, struct children *children);

/* Ends them, when it is time to look. Returns when to look again, INT64_MAX
 * where there can be none. */
int64_t overdue_sweep(struct overdue *overdue);

#endif
