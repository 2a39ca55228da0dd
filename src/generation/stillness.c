/* SPDX-License-Identifier: ISC */
#include "generation/stillness.h"

void
stillness_begin(struct stillness *s, int64_t now_ms)
{
	*s = (struct stillness){ .since_ms = now_ms, .look_ms = now_ms };
}

enum stillness_verdict
stillness_look(struct stillness *s, uint64_t turns, bool waits, int64_t now_ms)
{
	const bool has_paused = now_ms - s->look_ms >= STILLNESS_PAUSE_MS;

	s->look_ms = now_ms;
	if (waits || turns != s->seen) {
		s->seen = turns;
		s->since_ms = now_ms;
		s->was_asked = false;
	} else if (has_paused) {
		s->since_ms = now_ms;
	}
	if (now_ms - s->since_ms >= STILLNESS_END_MS)
		return STILLNESS_END;
	if (s->was_asked || now_ms - s->since_ms < STILLNESS_ASK_MS)
		return STILLNESS_NONE;
	s->was_asked = true;
	return STILLNESS_ASK;
}
