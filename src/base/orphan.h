/*
 * Whether this process is an orphan: its generation has ended, as a signal has
 * told. The signal may interrupt a handler, whose response then follows before
 * the tie of the connection ends.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_ORPHAN_H
#define PRONG_BASE_ORPHAN_H

#include <stdbool.h>

/* Called by the handler of the signal. */
void orphan_note(void);

bool orphan_is_noted(void);

#endif
