/*
 * The launch of a generation: a process that executes this program, even when
 * its file was replaced since, and gets its inputs in a handover.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_LAUNCH_H
#define PRONG_MASTER_LAUNCH_H

#include <stdbool.h>
#include <stdint.h>

struct generation_inputs;
struct master_state;
struct snapshot;

/* Starts a generation and adds it to the table, which must have room. False
 * after logging. */
bool launch_generation(struct master_state *state,
    const struct generation_inputs *inputs);

/* The time within which a generation of that snapshot must be ready. */
int64_t launch_time_ms(const struct snapshot *set);

#endif
