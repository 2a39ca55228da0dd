/*
 * The logs of a generation: it starts the log process (log_process.h), starts
 * another when that has ended, and hands it the files after a reopening. Nothing
 * here waits for the log process but the end of the generation, for a moment.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_LOGS_H
#define PRONG_GENERATION_LOGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct configuration;
struct logs;
struct rings;
struct sandbox;

struct logs_facts {
	const struct configuration *configuration;
	const struct sandbox *sandbox;
	struct rings *rings;
	int private_base;
	int error_log;	/* private */
	int access_log; /* private; -1: none */
};

/* Starts the log process. From here on the lines of this process and of those
 * that it forks go to the rings, and its standard input, output and error are
 * the descriptor null. NULL after logging. */
struct logs *logs_new(const struct logs_facts *facts, int null);

/* The socket to poll; -1: none now. */
int logs_descriptor(const struct logs *logs);

/* Takes what the log process has said: whether it has dropped lines of the
 * access log. */
bool logs_hear(struct logs *logs);

/* Takes the new files, which stay open here; access_log may be -1. number is not
 * 0, and is returned once when the old files are complete and closed: by
 * logs_take_reopened, which returns 0 else. */
void logs_reopen(struct logs *logs, int error_log, int access_log,
    uint64_t number);
uint64_t logs_take_reopened(struct logs *logs);

/* Of a child that was waited for: whether it was the log process. */
bool logs_reap(struct logs *logs, pid_t pid, int status);
pid_t logs_pid(const struct logs *logs);

/* Starts the log process again when it has ended, and kills it when it hangs
 * (pulse.h). Returns the time of the next
 * call (clock_ms), INT64_MAX when none is needed. */
int64_t logs_sweep(struct logs *logs);

/* No connection lives. logs_flush waits until all lines are written, and
 * logs_end until the log process has ended; both only for a moment. */
void logs_flush(struct logs *logs);
void logs_end(struct logs *logs);

#endif
