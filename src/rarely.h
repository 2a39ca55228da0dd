/*
 * Log lines about a state that lasts, such as being out of descriptors: one
 * every few seconds and not one each time.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_RARELY_H
#define PRONG_RARELY_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"

#define RARELY_MS 5000

struct rarely {
	int64_t next_ms;
};

/* Whether it is time for the next line. */
static inline bool
rarely_now(struct rarely *rarely)
{
	int64_t now_ms = clock_ms();

	if (now_ms < rarely->next_ms)
		return false;
	rarely->next_ms = now_ms + RARELY_MS;
	return true;
}

#endif
