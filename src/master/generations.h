/*
 * The table of the generations that live, in the master. One serves; further
 * ones may start, to take over when they are ready; earlier ones drain:
 *
 *	starting ──ready──▶ serving ──another is ready──▶ draining ──▶ ended
 *	    │ too late,        │ ended, or killed because it hangs (pulse.h):
 *	    ▼ ended            │ replaced, at once after a life of its own,
 *	                       ▼ else after a delay that doubles
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_GENERATIONS_H
#define PRONG_MASTER_GENERATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/pulse.h"

/* At this number, the next generation starts only when one has drained. */
#define GENERATIONS_MAX 16

enum generation_phase {
	GENERATION_STARTING, /* executed; must become ready in time */
	GENERATION_SERVING,
	GENERATION_DRAINING /* must end in time */
};

/* As many as a configuration can have. */
#define GENERATION_WORKERS_MAX 256

/* A worker, as its generation says. */
struct generation_worker {
	pid_t pid; /* 0: there is none in this place */
	unsigned long age_s, connections, requests;
};

struct generation_process {
	pid_t pid;
	uint64_t number;
	int control; /* socket; -1: closed */
	enum generation_phase phase;
	int64_t executed_ms;
	int64_t deadline_ms;	   /* INT64_MAX: none */
	struct pulse pulse;	   /* once it serves */
	unsigned long connections; /* as of its last PROTOCOL_COUNTED */
	struct generation_worker workers[GENERATION_WORKERS_MAX];
	size_t worker_count;   /* as of its last PROTOCOL_WORKERS */
	unsigned long missing; /* handlers whose folder is not there */
	/* Its memory, for reading by prong(1) (shared_memory_file); -1: none.
	 * The master maps neither. */
	int scoreboard, ledgers;
	bool has_counted;   /* since generations_ask_counts */
	uint64_t reopening; /* the number of the PROTOCOL_REOPENED that
				      is still to come; 0: none */
};

struct generations {
	struct generation_process all[GENERATIONS_MAX]; /* oldest first */
	size_t count;
};

/* Adds a generation that starts; the table must have room. */
struct generation_process *generations_add(struct generations *table, pid_t pid,
    uint64_t number, int control);

/* The generation with that process; the oldest one in that phase. NULL: none.
 * */
struct generation_process *generations_find(struct generations *table,
    pid_t pid);
struct generation_process *generations_in(struct generations *table,
    enum generation_phase phase);

/* Closes the socket of the generation and removes it from the table. */
void generations_remove(struct generations *table,
    struct generation_process *g);

/* Kills the process group of the generation, and closes its socket: messages
 * that the master has not received are lost. The generation stays in the table
 * until SIGCHLD tells its end. */
void generations_kill(struct generation_process *g);

/* Kills the generations that are starting. A restart from the previous snapshot
 * may be among them, which would take over from the reload's generation. */
void generations_end_starting(struct generations *table);

/* Notes what it says of its workers (PROTOCOL_WORKERS). */
void generations_note_workers(struct generation_process *g,
    const size_t *numbers, size_t count);

/* Asks each generation for the number of its connections; tells whether all
 * have sent it. */
void generations_ask_counts(struct generations *table);
bool generations_has_counted(const struct generations *table);

/* Whether a generation has yet to send PROTOCOL_REOPENED. */
bool generations_is_reopening(const struct generations *table);

const char *generations_phase_name(enum generation_phase phase);

/* Kills the generation alone, whose connections go on, and closes its socket. */
void generations_end_hung(struct generation_process *g);

/* Whether the generation is to respond to messages. */
bool generations_is_awake(const struct generation_process *g);

/* The earliest deadline, or question for a sign of life. */
int64_t generations_deadline(const struct generations *table);

#endif
