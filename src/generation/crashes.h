/*
 * Crashes of a generation's connections. A generation with max_crashes within a
 * minute is worn, and the master replaces it. Crashes bring their client a
 * penalty (blame.h, connection/penalty.h). At most one core file is left in CORE_INTERVAL_MS
 * (core.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_CRASHES_H
#define PRONG_GENERATION_CRASHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct address_key;
struct blame;
struct child;
struct configuration;
struct penalties;
struct scoreboard;

struct crashes {
	const struct configuration *configuration;
	struct penalties *penalties; /* NULL: no client is punished */
	int64_t minute_ms;	     /* start of the minute of max_crashes */
	size_t count;		     /* in this minute */
	bool is_worn;
	int64_t next_core_ms; /* no core file before */
};

/* *descriptor: as in penalty.h; may be NULL. */
void crashes_init(struct crashes *crashes,
    const struct configuration *configuration, int *descriptor);

/* Logs the end of a process when a signal ended it that prong did not send.
 * Otherwise returns false. */
bool crashes_log(const struct scoreboard *scoreboard, const struct child *child,
    size_t slot, int status);

/* Counts a limit at which the child has ended, or was ended, if it was one. */
void crashes_note_limit(const struct scoreboard *scoreboard,
    const struct child *child, size_t slot, int status);

/* Counts a crash that was logged, of the child with that pid. */
void crashes_count(struct crashes *crashes, pid_t pid, bool dumped_core);

/* Punishes the client for a crash. */
void crashes_punish(struct crashes *crashes, const struct blame *blame);

/* Whether connections of that client are refused, because others have crashed
 * before they called a handler. */
bool crashes_refuse(const struct crashes *crashes, struct address_key client);

/* Whether there were max_crashes within a minute; true once a minute. */
bool crashes_are_too_many(struct crashes *crashes);

/* Whether a connection that is forked now must leave no core file. */
bool crashes_forbid_core(const struct crashes *crashes);

#endif
