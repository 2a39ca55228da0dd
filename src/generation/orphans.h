/*
 * Orphans: processes that a handler has started, and that must end with its
 * connection. Each connection that may start processes leads a process group
 * (sandbox_enter). A process that has left the group becomes the generation's
 * child when its parent ends, by the kernel's rule for subreapers; a sweep
 * finds it among the generation's children.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_ORPHANS_H
#define PRONG_GENERATION_ORPHANS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "generation/helper.h"

struct children;
struct orphans;

/* Called before the generation enters its sandbox. NULL and errno. */
struct orphans *orphans_new(void);

void orphans_free(struct orphans *orphans);

/* The descriptor of the list of children, for the caller to make private. */
int *orphans_descriptor(struct orphans *orphans);

/* Kills the process group of the next child that has ended. The child is not
 * yet waited for, so the group's number cannot belong to another group. */
void orphans_end_next_group(void);

/* Kills those of the generation's children that are neither connections nor
 * helpers. Returns the time of the next call (clock_ms). */
int64_t orphans_sweep(struct orphans *orphans, struct children *children,
    const pid_t helpers[HELPERS_MAX], pid_t log_process);

#endif
