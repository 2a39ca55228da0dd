/*
 * Dropped lines: lines of the access log that a generation's connections had to
 * drop are counted over all of them, and the generation logs their number once
 * a minute at most.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_DROPPED_LINES_H
#define PRONG_GENERATION_DROPPED_LINES_H

#include <stddef.h>
#include <stdint.h>

struct children;
struct scoreboard;

/* All zero but for the first three to begin with. */
struct dropped_lines {
	const struct scoreboard *scoreboard;
	struct children *children; /* whose slots are the scoreboard's */
	size_t slots;
	uint64_t total, logged;
	int64_t next_look_ms;
	int64_t next_log_ms;
};

/* The connection in a slot has ended, and is not yet folded. */
void dropped_lines_note(struct dropped_lines *lines, size_t slot);

/* Looks whether there are more, when it is time. Returns when to look again,
 * INT64_MAX where there can be none. */
int64_t dropped_lines_look(struct dropped_lines *lines);

/* Logs the number of those that were not logged yet. */
void dropped_lines_log_last(struct dropped_lines *lines);

#endif
