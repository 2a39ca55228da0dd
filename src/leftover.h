/*
 * Leftovers: processes that a handler has started, and that must end with its
 * connection. Each connection that may start some leads a process group; what
 * has left the group comes to the generation when its parent ends, by the
 * kernel's rule for subreapers, and is found among its children.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_LEFTOVER_H
#define PRONG_LEFTOVER_H

#include <stdbool.h>
#include <stdint.h>

struct children;
struct leftovers;

/* In the generation, before its sandbox. NULL after logging. */
struct leftovers *leftovers_new(void);

void leftovers_free(struct leftovers *leftovers);

/* The descriptor it holds, to be made private. */
int *leftovers_descriptor(struct leftovers *leftovers);

/* In a connection that may start processes. */
void leftovers_lead_group(void);

/* Ends the group of the next child that has ended and is not yet waited for,
 * so that its number cannot mean another one. */
void leftovers_end_next_group(void);

/* Ends the generation's children that are none of its connections. Returns
 * when to look again. */
int64_t leftovers_sweep(struct leftovers *leftovers, struct children *children);

#endif
