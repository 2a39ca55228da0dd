/*
 * Orphans: processes that handlers have started, and whose guardian
 * (connection/guardian.h) was killed before it could end them. They become the
 * generation's children, by the kernel's rule for subreapers; a sweep finds those
 * that are no connections. There are none unless somebody kills a guardian.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_ORPHANS_H
#define PRONG_GENERATION_ORPHANS_H

#include <stdint.h>
#include <sys/types.h>

#include "generation/helper.h"

struct children;
struct orphans;
struct sandbox;

/* Called before the generation enters its sandbox. NULL and errno. */
struct orphans *orphans_new(void);

void orphans_free(struct orphans *orphans);

/* The descriptor of the list of children, for the caller to make private. */
int *orphans_descriptor(struct orphans *orphans);

/* A process that may have been a guardian was killed: sweeps are due at once. */
void orphans_expect(struct orphans *orphans);

/* Called at the end of the generation, when no connection is left that could be
 * ended: kills all that is left and waits for it, for 300 ms at most. */
void orphans_end_all(struct orphans *orphans, const struct sandbox *sandbox,
    struct children *children);

/* Kills those of the generation's children that are neither connections nor
 * helpers, when it is time, and for 2 ms at most. Returns the time of the next
 * call (clock_ms). */
int64_t orphans_sweep(struct orphans *orphans, struct children *children,
    const pid_t helpers[HELPERS_MAX]);

#endif
