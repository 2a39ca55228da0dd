/*
 * Which connection of a client ends before which.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/scoreboard.h"
#include "generation/crowd_internal.h"

static int64_t
clamp(int64_t value, int64_t least, int64_t most)
{
	if (value < least)
		return least;
	return value > most ? most : value;
}

struct crowd_rank
crowd_rank_of(const struct crowd_signs *signs, int64_t now_ms)
{
	int64_t turn_ms = clamp(signs->turn_ms, signs->began_ms, now_ms);
	int64_t age_ms = now_ms - signs->began_ms + 1;
	int64_t pace = (int64_t)(signs->octets / (uint64_t)age_ms);

	switch (signs->state) {
	case SCOREBOARD_WAITING:
		return (struct crowd_rank){ 0, turn_ms };
	case SCOREBOARD_READING:
		return (struct crowd_rank){ 1, turn_ms };
	case SCOREBOARD_HANDLING:
		return (struct crowd_rank){ 2, pace };
	case SCOREBOARD_SENDING:
		return (struct crowd_rank){ 3, pace };
	default:
		return (struct crowd_rank){ 4, signs->began_ms };
	}
}

bool
crowd_is_before(struct crowd_rank a, struct crowd_rank b)
{
	return a.kind < b.kind || (a.kind == b.kind && a.value < b.value);
}
