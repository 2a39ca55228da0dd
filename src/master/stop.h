/*
 * The stop of the server: it may be announced first (prong drain); then it is
 * under way; after the deadline SIGKILL ends the remaining children. All times
 * are of clock_ms.
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
	int64_t leave_ms;    /* when it begins; INT64_MAX: not announced */
	int64_t deadline_ms; /* INT64_MAX: not under way */
	int step;	     /* how often children were signalled since */
	bool gives_up;	     /* some children cannot be ended */
};

#define STOP_NONE \
	((struct stop){ .leave_ms = INT64_MAX, .deadline_ms = INT64_MAX })

/* The time that a generation of that snapshot, which may be NULL, takes to end
 * when it is told to stop. */
int64_t stop_time_ms(const struct snapshot *set);

/* Announces a stop; of several times the earliest counts. Whether this is the
 * first announcement. */
bool stop_announce(struct stop *stop, int64_t leave_ms);
bool stop_is_announced(const struct stop *stop);

/* Begins the stop, which may take grace_ms more than stop_time_ms. */
void stop_begin(struct stop *stop, const struct snapshot *set,
    int64_t grace_ms);

/* Sets the deadline to now: the next stop_check kills all children. */
void stop_hurry(struct stop *stop);

/* Ends all children after the deadline: by SIGTERM, then by SIGKILL. Gives up
 * within two seconds. */
void stop_check(struct stop *stop, const struct generations *table);

#endif
