/*
 * The state of a generation: startup.c makes it, generation.c serves with it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_INTERNAL_H
#define PRONG_GENERATION_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "handover/handover.h"

struct acceptor;
struct configuration;
struct processes;
struct scoreboard;

/* Everything lives as long as the process. */
struct generation {
	/* Made by startup.c. */
	struct handover handover;
	struct configuration *configuration;
	struct processes *processes;
	struct acceptor *acceptor;
	struct scoreboard *scoreboard;
	int lifeline; /* write end: closes when the process ends */

	/* Used by the loop. */
	uint64_t reopening;	   /* the master's number; 0: none */
	int64_t drain_deadline_ms; /* INT64_MAX: not draining */
	int64_t stop_deadline_ms;  /* INT64_MAX: not stopping */
	int ending_step;	   /* how often connections were ended */
	bool gives_up;		   /* some cannot be ended */
};

#endif
