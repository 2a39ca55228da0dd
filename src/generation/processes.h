/*
 * The connection processes of a generation: forked, reaped and counted. A
 * connection that its process has handed off goes on in another one.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_PROCESSES_H
#define PRONG_GENERATION_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address;
struct configuration;
struct guest;
struct logs;
struct orphans;
struct processes;
struct rings;
struct sandbox;
struct scoreboard;

struct processes_facts {
	const struct configuration *configuration;
	const struct sandbox *sandbox;
	struct orphans *orphans; /* NULL: no handler starts processes */
	struct scoreboard *scoreboard;
	struct rings *rings; /* same slots as the scoreboard */
	struct logs *logs;   /* set when the log process runs */
	int private_base; /* Descriptors from this number on are private to the
			   * generation: a connection closes them first. */
	int lifeline;	  /* read end, below private_base */
	bool has_access_log;
	int handoff[2]; /* The receiving end is private, the sending end is
			   * not; -1: all routes have the same rules. */
};

/* NULL after logging the reason. processes_set_logs follows before the first
 * connection. */
struct processes *processes_new(const struct processes_facts *facts);

void processes_set_logs(struct processes *processes, struct logs *logs);

/* Forks a process for the connection and closes the guest's descriptors. On
 * failure false and errno; the guest stays open. Not to be called when full. */
bool processes_start(struct processes *processes, struct guest *guest);

bool processes_full(const struct processes *processes);
size_t processes_count(const struct processes *processes);

/* Whether that client has max_connections_per_client. */
bool processes_client_full(const struct processes *processes,
    const struct address *client);

/* Whether that client is refused because its requests crash handlers. */
bool processes_client_punished(const struct processes *processes,
    const struct address *client);

/* Whether max_crashes processes have crashed within a minute; true once a
 * minute. */
bool processes_are_worn(struct processes *processes);

/* Called after SIGCHLD. */
void processes_reap(struct processes *processes);

/* Kills connection processes that are overdue (watchdog.h), and orphans
 * (orphans.h); logs the number of dropped lines (dropped_lines.h). Returns the
 * time of the next call (clock_ms), INT64_MAX when none is needed. */
int64_t processes_sweep(struct processes *processes);

/* The descriptor to poll for connections that are handed off, -1 when all
 * routes have the same rules. When it is readable, take the handoffs. */
int processes_descriptor(const struct processes *processes);
void processes_take_handoffs(struct processes *processes);

/* The generation ends: logs the dropped lines that were not logged yet. */
void processes_say_last(struct processes *processes);

/* Tells all connections, also later ones, to close with their next response. */
void processes_drain(struct processes *processes);

/* The log process has dropped lines of the access log. */
void processes_note_dropped(struct processes *processes);

/* Kills all connection processes; returns their number. */
size_t processes_kill(struct processes *processes);

/* Moves a descriptor of one connection to a private number, so that the
 * processes of others do not keep it. Returns the new descriptor, or -1 and
 * errno; fd is closed. */
int processes_make_private(const struct processes *processes, int fd);

#endif
