/*
 * The stopping of the server: announced first, perhaps (prong drain), then under
 * way, and at last by SIGKILL for what is left. All times are of clock_ms.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_STOP_H
#define PRONG_MASTER_STOP_H

#include <stdbool.h>
#include <stdint.h>

struct generations;
struct snapshot;

struct stop {
	bool is_under_way;
	int64_t leave_ms;    /* begins then; INT64_MAX: is not announced */
	int64_t deadline_ms; /* INT64_MAX: is not under way */
};

#define STOP_NONE \
	((struct stop){ .leave_ms = INT64_MAX, .deadline_ms = INT64_MAX })

/* The time that a generation of that snapshot, which may be NULL, takes to end
 * when it is told to stop. */
int64_t stop_time_ms(const struct snapshot *set);

/* Announces it; announced again, the earlier time counts. Whether this is the first
 * time. */
bool stop_announce(struct stop *stop, int64_t leave_ms);
bool stop_is_announced(const struct stop *stop);

/* Begins it; it may take grace_ms more than stop_time_ms. */
void stop_begin(struct stop *stop, const struct snapshot *set,
    int64_t grace_ms);

/* Nobody is waited for any longer. */
void stop_hurry(struct stop *stop);

/* Kills all children when the deadline is over, again and again. */
void stop_check(struct stop *stop, const struct generations *table,
    const struct snapshot *set);

#endif
