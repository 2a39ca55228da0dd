/*
 * The state of a master: all that another release needs to continue after an
 * upgrade (upgrade.h). It is written to a memfd that survives an exec.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_MASTER_STATE_H
#define PRONG_MASTER_MASTER_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "master/generation_inputs.h"
#include "master/generations.h"

struct control;

struct master_state {
	struct generation_inputs inputs; /* in force */
	struct generations table;
	struct control *control;
	int binary;	      /* this program, open (O_PATH); not written */
	char *program;	      /* the path it was started by; malloc */
	enum log_style style; /* of standard error as it was */
	int64_t started;      /* seconds since 1970 */
	int64_t started_ms;   /* of clock_ms */
	struct bulletin *bulletin; /* NULL: none */
	int bulletin_fd;	   /* -1: none, or of the release before */
	bool has_resumed;	   /* the next reload is that of an upgrade */
	int totals;		   /* annals.h; -1: none yet */
	uint64_t generations;	   /* number of the last one */
	uint64_t hung;		   /* generations */
};

#define MASTER_STATE_NONE \
	((struct master_state){ .inputs = GENERATION_INPUTS_NONE, \
	    .binary = -1, \
	    .totals = -1, \
	    .bulletin_fd = -1 })

/* Writes the state to a memfd, which survives an exec, as do all descriptors
 * named in it. The memfd, or -1 after logging. */
int master_state_write(struct master_state *state);

/* In the new release: reads the state, and owns fd. False after logging. */
bool master_state_read(struct master_state *state, int fd);

/* Closes and frees the state in a process that only checked it: no path of a
 * socket is unlinked. */
void master_state_drop(struct master_state *state);

#endif
