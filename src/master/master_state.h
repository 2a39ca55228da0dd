/*
 * The state of a master: all that another release needs to go on where this one is
 * (upgrade.h). It is written into a memfd that survives an exec.
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
	uint64_t generations; /* so far */
};

#define MASTER_STATE_NONE \
	((struct master_state){ \
	    .inputs = GENERATION_INPUTS_NONE, .binary = -1 })

/* Writes it into a memfd, which like all descriptors in it survives an exec. The
 * memfd, or -1 after logging. */
int master_state_write(struct master_state *state);

/* In the new release; takes over that descriptor. False after logging. */
bool master_state_read(struct master_state *state, int fd);

/* Closes all of it, in a process that only looked at it: what another process uses
 * stays in use. */
void master_state_drop(struct master_state *state);

#endif
