/*
 * The inputs of a generation: the configuration snapshot, the listeners, the
 * logs. The master keeps the inputs in force; during a reload also the next
 * ones, from which the new generation starts.
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
	int error_log;	/* -1: not open yet */
};

#define GENERATION_INPUTS_NONE \
	((struct generation_inputs){ .access_log = -1, .error_log = -1 })

/* Opens the log that the snapshot names and overwrites the member with its
 * descriptor; the caller closes the old descriptor. False after logging.
 * Without an access log the result is true and the descriptor -1. */
bool generation_inputs_open_error_log(struct generation_inputs *inputs);
bool generation_inputs_open_access_log(struct generation_inputs *inputs);

/* Opens both logs again and closes the old descriptors. False after logging:
 * the old descriptors stay. */
bool generation_inputs_reopen_logs(struct generation_inputs *inputs);

/* Makes this process log to the error log of the inputs, at the level of their
 * snapshot. style: of standard error as the process was started. */
void generation_inputs_take_log(const struct generation_inputs *inputs,
    enum log_style style);

/* Closes and frees the inputs, except listeners that are in kept (which may be
 * NULL) or were passed. */
void generation_inputs_close(struct generation_inputs *inputs,
    const struct generation_inputs *kept, const struct activation *passed);

/* The same for a process whose inputs are copies of another's: closes all
 * listeners, but unlinks no path of a socket. */
void generation_inputs_drop(struct generation_inputs *inputs);

#endif
