/*
 * Shared by the parts of processes only: processes.c starts them and looks after
 * them, processes_end.c reaps, processes_next.c says how connections go on, and
 * processes_tell.c tells them to end.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_PROCESSES_INTERNAL_H
#define PRONG_GENERATION_PROCESSES_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/ratelimit.h"
#include "connection/access.h"
#include "generation/crashes.h"
#include "generation/crowd.h"
#include "generation/dropped_lines.h"
#include "generation/processes.h"
#include "generation/watchdog.h"

struct admissions;
struct children;
struct guest;
struct statements;
struct workers;

/* Most connections are short, so most that end are among the last that began. */
#define YOUNG_CHILDREN 32

/* The end of a child. */
struct end {
	pid_t pid;
	int status;	 /* of waitpid(2) */
	bool has_called; /* a handler: the first one is that index */
	uint64_t first_handler;
	bool is_told;	 /* by a guardian, which has ended all others */
	bool is_limited; /* by a guardian at a limit */
	bool used_up;	 /* its processor time: the kernel has ended it */
};

struct processes {
	struct processes_facts facts;
	struct children *children;
	struct crowd crowd;
	struct statements *statements;
	struct workers *workers; /* NULL: there are none */
	struct admissions *admissions;
	size_t reserved; /* number of children in reserved slots */
	struct crashes crashes;
	struct watchdog watchdog;
	struct access access;
	struct dropped_lines dropped_lines;
	bool has_lost_helper, is_stopping;
	struct ratelimit not_kept, blind;
	int64_t reap_ms;   /* when to look at all children; INT64_MAX: never */
	int64_t reaped_ms; /* when that was done */
	pid_t young[YOUNG_CHILDREN]; /* the last that started; 0: none */
	size_t next_young;
};

/* Whether handlers of the process could start others: by its first route, whose
 * rules it had from then on. unknown: the answer where none is told. */
bool processes_could_fork(const struct processes *processes,
    const struct end *end, bool unknown);

/* The connection of a process that has ended in that slot, which is the next one to be
 * used, goes on in another. False: in none. */
bool processes_go_on(struct processes *processes, struct guest *guest,
    size_t slot, const struct end *end);

/* No process of the connection is left. */
void processes_drop_socket(struct processes *processes, size_t slot,
    uint64_t kept);

#endif
