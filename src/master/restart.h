/*
 * When a generation that has ended is replaced: at once after a life of some
 * length, else after a delay that doubles; and how often a generation may be
 * renewed in which handlers crash, or that cannot reach a folder any more. All
 * times are of clock_ms.
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
	int64_t renewed_ms;  /* 0: never */
	int64_t followed_ms; /* 0: never */
};

#define RESTART_NONE ((struct restart){ .due_ms = INT64_MAX })

/* Plans the next generation, after one that lived for lived_ms. */
void restart_plan(struct restart *restart, int64_t lived_ms, int64_t now_ms);

/* Another generation serves, or none is to serve any more. */
void restart_cancel(struct restart *restart);

/* Whether a generation may be renewed now; if so, none may be for a while
 * afterwards. */
bool restart_renew(struct restart *restart, int64_t now_ms);

/* The same for a generation whose folders are other ones. */
bool restart_follow(struct restart *restart, int64_t now_ms);

#endif
