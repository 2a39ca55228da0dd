/*
 * The crashes of a generation's connections: counted, for a generation that has
 * seen max_crashes of them within a minute is worn; held against their clients
 * (penalty.h); and one core file a minute (core.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_CRASHES_H
#define PRONG_GENERATION_CRASHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address;
struct child;
struct configuration;
struct penalties;
struct scoreboard;

struct crashes {
	const struct configuration *configuration;
	struct penalties *penalties; /* NULL: nobody is punished */
	int64_t minute_ms;	     /* began then, for max_crashes */
	size_t count;		     /* in this minute */
	bool is_worn;
	int64_t next_core_ms; /* none before */
};

void crashes_init(struct crashes *crashes,
    const struct configuration *configuration);

/* Says how a process ended when it was by a signal that prong did not send.
 * False when it was not. */
bool crashes_log(const struct scoreboard *scoreboard, const struct child *child,
    size_t slot, int status);

/* After that, once. */
void crashes_count(struct crashes *crashes, const struct child *child,
    bool dumped_core);

/* Whether that client is refused for its crashes. */
bool crashes_punish(const struct crashes *crashes,
    const struct address *client);

/* Whether there were max_crashes within a minute; once a minute. */
bool crashes_are_too_many(struct crashes *crashes);

/* Whether the next one must leave no core file. */
bool crashes_forbid_core(const struct crashes *crashes);

#endif
