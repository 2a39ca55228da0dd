/*
 * The table of generations that live, as the master knows them. One serves; one
 * at most is starting, to take over when it is ready; those before drain:
 *
 *	starting ──ready──▶ serving ──another is ready──▶ draining ──▶ ended
 *	    │ too late,        │ ended: replaced, at once after a life of
 *	    ▼ ended            ▼ its own, else after a delay that doubles
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_GENERATIONS_H
#define PRONG_MASTER_GENERATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* So many at once: further ones are started when some have drained. */
#define GENERATIONS_MAX 16

enum generation_phase {
	GENERATION_STARTING, /* executed; must say ready in time */
	GENERATION_SERVING,
	GENERATION_DRAINING /* must end in time */
};

struct generation_process {
	pid_t pid;
	uint64_t number;
	int control; /* -1: it has closed its end */
	enum generation_phase phase;
	int64_t executed_ms;
	int64_t deadline_ms;	   /* INT64_MAX: none */
	unsigned long connections; /* as it last said */
	bool has_counted;	   /* since generations_ask_counts */
	uint64_t reopening;	   /* must say that it has reopened; 0: not */
};

struct generations {
	struct generation_process all[GENERATIONS_MAX]; /* oldest first */
	size_t count;
};

/* A new one, starting; there must be room. */
struct generation_process *generations_add(struct generations *table, pid_t pid,
    uint64_t number, int control);

/* NULL when there is none. */
struct generation_process *generations_find(struct generations *table,
    pid_t pid);
struct generation_process *generations_in(struct generations *table,
    enum generation_phase phase);

/* Closes its control and forgets it. */
void generations_remove(struct generations *table,
    struct generation_process *g);

/* Ends it at once, with all that it has started; what it has said and nobody has
 * heard yet does not count. SIGCHLD tells the rest. */
void generations_kill(struct generation_process *g);

/* Ends those that are starting: a restart from the snapshot before, perhaps, which
 * would take over in its turn. */
void generations_end_starting(struct generations *table);

/* Asks each how many connections it has; whether all have answered. */
void generations_ask_counts(struct generations *table);
bool generations_has_counted(const struct generations *table);

/* Whether one has yet to say that it has no old logs. */
bool generations_is_reopening(const struct generations *table);

const char *generations_phase_name(enum generation_phase phase);

/* The earliest deadline. */
int64_t generations_deadline(const struct generations *table);

#endif
