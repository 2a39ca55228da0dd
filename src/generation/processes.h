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
#include <sys/types.h>

#include "generation/helper.h"
#include "generation/porter.h"
#include "handover/protocol.h"

struct address_key;
struct configuration;
struct crowd;
struct guest;
struct ledgers;
struct logs;
struct orphans;
struct processes;
struct renewal;
struct rings;
struct sandbox;
struct scoreboard;
struct statements;
struct workers;

struct processes_facts {
	const struct configuration *configuration;
	const struct sandbox *sandbox;
	struct orphans *orphans; /* NULL: no handler starts processes */
	struct scoreboard *scoreboard;
	struct rings *rings;	       /* same slots as the scoreboard */
	struct statements *statements; /* these, too */
	struct logs *logs;	       /* set when the log process runs */
	int private_base; /* Descriptors from this number on are private to the
			   * generation: a connection closes them first. */
	int presence;	  /* of presence.h; private; -1: none */
	bool has_access_log;
	bool has_ceilings;	       /* some routes have one of processes */
	struct renewal *renewal;       /* NULL: no route is fresh */
	struct porter_workers workers; /* their number; 0: there are none */
	struct ledgers *ledgers;       /* NULL: there are no workers */
	struct porter *porter;	    /* NULL: all routes have the same rules */
	int porter_socket;	    /* private; -1: none */
	pid_t helpers[HELPERS_MAX]; /* 0: none */
};

/* NULL after logging the reason. processes_set_logs follows before the first
 * connection. */
struct processes *processes_new(const struct processes_facts *facts);

void processes_set_logs(struct processes *processes, struct logs *logs);

/* Forks a process for the connection and closes the guest's descriptors. On
 * failure false and errno; the guest stays open. Not to be called when full. */
bool processes_start(struct processes *processes, struct guest *guest);

/* Whether max_connections are served, and whether all reserved slots are used. */
bool processes_full(const struct processes *processes);
bool processes_reserve_full(const struct processes *processes);
size_t processes_count(const struct processes *processes);

/* Whether any lives, workers included. */
bool processes_any(const struct processes *processes);

/* Before the first worker. NULL: there are none. */
void processes_set_workers(struct processes *processes,
    struct workers *workers);

/* The generation's own lines of the access log; as long as the processes. */
struct access *processes_access(struct processes *processes);

/* Who has how many connections; as long as the processes. */
struct crowd *processes_crowd(struct processes *processes);

/* Whether connections of that client are refused, because others have crashed
 * before they called a handler. */
bool processes_refuse_client(const struct processes *processes,
    struct address_key client);

/* Why the generation should be replaced: max_crashes processes have crashed
 * within a minute, few slots are left, or a helper has ended. Told once for each
 * cause, every ten seconds for slots. */
enum protocol_wear processes_wear(struct processes *processes);

/* Called after each wait for events. was_told: SIGCHLD was delivered. Of few
 * children it finds all that have ended; of many those that the signals name,
 * and the last that began; the others at most 100 ms later. */
void processes_reap(struct processes *processes, bool was_told);

/* Finds all that have ended, so that nobody is refused for a connection that is
 * over. At most every 5 ms. */
void processes_settle(struct processes *processes);

/* Kills connection processes that are overdue (watchdog.h), and orphans
 * (orphans.h); logs the number of dropped lines (dropped_lines.h). Returns the
 * time of the next call (clock_ms), INT64_MAX when none is needed. */
int64_t processes_sweep(struct processes *processes);

/* The generation ends: logs the dropped lines that were not logged yet. */
void processes_say_last(struct processes *processes);
/* Then: no process of a handler outlives it. */
void processes_leave(struct processes *processes);

/* The generation stops: tells all connections, also later ones, to end when they
 * have no request. The end of a helper is no fault any more. */
void processes_stop(struct processes *processes);

/* Tells all connections, also later ones, to close with their next response. */
void processes_drain(struct processes *processes);

/* The log process has dropped lines of the access log. */
void processes_note_dropped(struct processes *processes);

/* Ends all connection processes (children_end); returns their number. */
size_t processes_end_all(struct processes *processes);

/* Moves a descriptor of one connection to a private number, so that the
 * processes of others do not keep it. Returns the new descriptor, or -1 and
 * errno; fd is closed. */
int processes_make_private(const struct processes *processes, int fd);

#endif
