/*
 * When a generation that has ended is replaced: at once after a life of some
 * length, else after a delay that doubles; and how often one may be renewed that
 * handlers crash in. All times are of clock_ms.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_RESTART_H
#define PRONG_MASTER_RESTART_H

#include <stdbool.h>
#include <stdint.h>

struct restart {
	int64_t due_ms; /* INT64_MAX: none is due */
	int64_t delay_ms;
	int64_t renewed_ms; /* 0: never */
};

#define RESTART_NONE ((struct restart){ .due_ms = INT64_MAX })

/* The generation before has lived so long. */
void restart_plan(struct restart *restart, int64_t lived_ms, int64_t now_ms);

/* Another generation serves, or none is to serve any more. */
void restart_cancel(struct restart *restart);

/* Whether a generation may be renewed now; if so, the next one may not be for a
 * while. */
bool restart_renew(struct restart *restart, int64_t now_ms);

#endif
