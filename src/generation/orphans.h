/*
 * Orphans: processes that a handler has started, and that must end with its
 * connection. Each connection that may start some leads a process group
 * (sandbox_enter); a process that has left the group becomes the generation's
 * child when its parent ends, by the kernel's rule for subreapers, and is found
 * among its children.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_ORPHANS_H
#define PRONG_GENERATION_ORPHANS_H

#include <stdbool.h>
#include <stdint.h>

struct children;
struct orphans;

/* In the generation, before its sandbox. NULL after logging. */
struct orphans *orphans_new(void);

void orphans_free(struct orphans *orphans);

/* The descriptor it holds, to be made private. */
int *orphans_descriptor(struct orphans *orphans);

/* Ends the group of the next child that has ended and is not yet waited for,
 * so that its number cannot mean another one. */
void orphans_end_next_group(void);

/* Ends the generation's children that are none of its connections. Returns
 * when to look again. */
int64_t orphans_sweep(struct orphans *orphans, struct children *children);

#endif
