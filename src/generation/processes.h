/*
 * The connection processes of a generation: forked for a guest, passed on when
 * a connection has to go on in another one, reaped and counted.
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
struct orphans;
struct processes;
struct sandbox;
struct scoreboard;

struct processes_facts {
	const struct configuration *configuration;
	const struct sandbox *sandbox;
	struct orphans *orphans; /* NULL: no handler starts processes */
	struct scoreboard *scoreboard;
	int private_base; /* descriptors from here on are the
					   generation's alone: a connection
					   closes them before anything else */
	int lifeline;	  /* read end, below private_base */
	int access_log;	  /* likewise; -1: none */
	int handoff[2];	  /* receiving end private, sending not;
					   -1: all routes have the same rules */
};

/* NULL after logging why. */
struct processes *processes_new(const struct processes_facts *facts);

/* Forks a process for the guest, which it takes over. False and errno when
 * there is none to be had: then the guest is as it was. Not when full. */
bool processes_start(struct processes *processes, struct guest *guest);

bool processes_full(const struct processes *processes);
size_t processes_count(const struct processes *processes);

/* Whether that client has as many as one may have. */
bool processes_client_full(const struct processes *processes,
    const struct address *client);

/* Whether that client is refused for crashing handlers. */
bool processes_client_punished(const struct processes *processes,
    const struct address *client);

/* Whether more than max_crashes have crashed within a minute; once a minute. */
bool processes_are_worn(struct processes *processes);

/* After SIGCHLD. */
void processes_reap(struct processes *processes);

/* Ends those that are overdue (watchdog.h), and processes that handlers have
 * left behind (orphans.h); logs that lines of the access log were dropped
 * (dropped_lines.h).
 * Returns when to look again, INT64_MAX where none of that can be. */
int64_t processes_sweep(struct processes *processes);

/* The descriptor to poll for connections that are handed off, -1 when there can
 * be none; and what to do when it is readable. */
int processes_descriptor(const struct processes *processes);
void processes_take_handoffs(struct processes *processes);

/* The generation ends: what of that was not yet said. */
void processes_say_last(struct processes *processes);

/* Tells them to close with their next response, and those that begin later. */
void processes_drain(struct processes *processes);

/* The logs' descriptors are others from here on. Those that live have the old
 * ones, and are told to close with their next response; how many of them are
 * left. */
void processes_reopen(struct processes *processes);
size_t processes_with_old_logs(const struct processes *processes);

/* Ends them all; their number. */
size_t processes_kill(struct processes *processes);

/* What a connection keeps while others are forked must be where these do not
 * inherit it. The new descriptor, or -1 and errno; fd is closed. */
int processes_make_private(const struct processes *processes, int fd);

#endif
