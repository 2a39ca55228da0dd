/*
 * Dropped lines: the generation adds up the lines of the access log that its
 * connections and its log process had to drop, and logs their number once a minute at most.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_DROPPED_LINES_H
#define PRONG_GENERATION_DROPPED_LINES_H

#include <stddef.h>
#include <stdint.h>

struct children;
struct scoreboard;

/* At first all members but the first three are zero. */
struct dropped_lines {
	const struct scoreboard *scoreboard;
	struct children *children; /* same slots as the scoreboard */
	size_t slots;
	uint64_t logged;
	int64_t next_look_ms;
	int64_t next_log_ms;
};

/* The connection in a slot has ended; call before scoreboard_end. */
void dropped_lines_note(struct dropped_lines *lines, size_t slot);

/* Lines were dropped: they are counted soon. */
void dropped_lines_hurry(struct dropped_lines *lines);

/* Counts dropped lines when it is time. Returns the time of the next call
 * (clock_ms), INT64_MAX when no line can be dropped until a fork. */
int64_t dropped_lines_look(struct dropped_lines *lines);

/* Logs the number of dropped lines that were not logged yet. */
void dropped_lines_log_last(struct dropped_lines *lines);

#endif
