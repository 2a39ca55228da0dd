/*
 * Shared by the parts of processes only: processes.c starts them and looks after
 * them, processes_end.c reaps.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_PROCESSES_INTERNAL_H
#define PRONG_GENERATION_PROCESSES_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ratelimit.h"
#include "generation/crashes.h"
#include "generation/crowd.h"
#include "generation/dropped_lines.h"
#include "generation/processes.h"
#include "generation/watchdog.h"

struct children;
struct statements;

struct processes {
	struct processes_facts facts;
	struct children *children;
	struct crowd crowd;
	struct statements *statements;
	size_t reserved; /* number of children in reserved slots */
	struct crashes crashes;
	struct watchdog watchdog;
	struct dropped_lines dropped_lines;
	bool has_lost_helper, is_stopping;
	struct ratelimit no_end;
};

#endif
