/*
 * The launch of a generation: a process of this program, even where the file was
 * replaced since, with a handover of its inputs.
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

/* Starts it and adds it to the table, in which there must be room. False after
 * logging. */
bool launch_generation(struct master_state *state,
    const struct generation_inputs *inputs);

/* The time within which it must be ready, of a snapshot that it serves. */
int64_t launch_time_ms(const struct snapshot *set);

#endif
