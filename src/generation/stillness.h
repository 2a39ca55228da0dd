/*
 * Stillness: for how long a process has done nothing, by the signs that it gives.
 * The watcher's own pauses do not count: then the machine was busy, or stopped.
 * Pure. Times are of clock_ms.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_STILLNESS_H
#define PRONG_GENERATION_STILLNESS_H

#include <stdbool.h>
#include <stdint.h>

/* Between two looks; one that is so much later was a pause of the watcher. */
#define STILLNESS_LOOK_MS  250
#define STILLNESS_IDLE_MS  900 /* if nothing was there to be done */
#define STILLNESS_PAUSE_MS 2000

#define STILLNESS_ASK_MS   1000
#define STILLNESS_END_MS   10000

struct stillness {
	uint64_t seen;	  /* the number of its turns */
	int64_t since_ms; /* it was not seen to do anything */
	int64_t look_ms;  /* the last one */
	bool was_asked;
};

enum stillness_verdict {
	STILLNESS_NONE,
	STILLNESS_ASK, /* what it does; once */
	STILLNESS_END
};

void stillness_begin(struct stillness *stillness, int64_t now_ms);
enum stillness_verdict stillness_look(struct stillness *stillness,
    uint64_t turns, bool waits, int64_t now_ms);

#endif
