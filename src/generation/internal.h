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
struct folders;
struct logs;
struct processes;
struct renewal_kit;
struct scoreboard;
struct workers;

/* Everything lives as long as the process. */
struct generation {
	/* Made by startup.c. */
	struct handover handover;
	struct configuration *configuration;
	struct processes *processes;
	struct workers *workers; /* NULL: there are none */
	struct acceptor *acceptor;
	struct scoreboard *scoreboard;
	struct logs *logs;
	struct folders *folders; /* that options of handlers name */
	struct renewal_kit *kit; /* NULL: no route is fresh */
	/* Handlers whose folder is missing. They are counted before the heap is
	 * settled: a look at all would fill the page tables again. */
	uint64_t missing;

	/* Used by the loop. */
	int64_t linger_ms;	   /* of PROTOCOL_LINGER */
	int64_t drain_deadline_ms; /* INT64_MAX: not draining */
	int64_t leave_deadline_ms; /* 0: the master knows that it drains */
	int64_t stop_deadline_ms;  /* INT64_MAX: not stopping */
	int ending_step;	   /* how often connections were ended */
	bool gives_up;		   /* some cannot be ended */
};

struct processes_facts;

/* Of startup_shared.c. The number of workers that the configuration wants; the slots
 * of all tables of connections; the memory, and its part of the facts: 0, or -1
 * after logging. */
struct porter_workers startup_workers(const struct generation *generation);
size_t startup_slots(const struct generation *generation);
int startup_share(struct generation *generation, struct processes_facts *facts);

#endif
