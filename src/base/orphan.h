/*
 * Whether this process is an orphan: its generation has ended, as a signal has
 * told (quota.h). The signal may come at any time, also in a handler.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_ORPHAN_H
#define PRONG_BASE_ORPHAN_H

#include <stdbool.h>

/* Called by the handler of the signal. It nudges this process (nudge.h): a wait
 * for a request that is about to begin, or has begun, ends. */
void orphan_note(void);

bool orphan_is_noted(void);

#endif
