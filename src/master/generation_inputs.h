/*
 * The inputs of a generation: the snapshot of the configuration that it serves,
 * the listeners that it accepts at, the logs that it writes to. The master keeps
 * those in force, and at a reload those of the generation that is to come.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_GENERATION_INPUTS_H
#define PRONG_MASTER_GENERATION_INPUTS_H

#include <stdbool.h>

#include "base/log.h"
#include "master/listeners.h"

struct activation;
struct snapshot;

struct generation_inputs {
	struct snapshot *set; /* NULL: none yet */
	struct listeners listeners;
	int access_log; /* -1: none */
	int error_log;	/* -1: it is not open yet */
};

#define GENERATION_INPUTS_NONE \
	((struct generation_inputs){ .access_log = -1, .error_log = -1 })

/* Opens the log that the snapshot names, in the place of what the member held,
 * which the caller closes. False after logging. Without an access log the result
 * is true and the descriptor -1. */
bool generation_inputs_open_error_log(struct generation_inputs *inputs);
bool generation_inputs_open_access_log(struct generation_inputs *inputs);

/* Opens both logs again and closes those before. False after logging: the logs
 * are those before. */
bool generation_inputs_reopen_logs(struct generation_inputs *inputs);

/* This process logs as the inputs want it; style is that of standard error as
 * the process was started. */
void generation_inputs_take_log(const struct generation_inputs *inputs,
    enum log_style style);

/* Closes all of it, but for the listeners that are in kept (which may be NULL)
 * or were passed. */
void generation_inputs_close(struct generation_inputs *inputs,
    const struct generation_inputs *kept, const struct activation *passed);

/* The same for a process with a copy of what another uses: no path of a socket
 * is unlinked. */
void generation_inputs_drop(struct generation_inputs *inputs);

#endif
