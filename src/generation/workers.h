/*
 * The workers of a generation: forked, kept in their number, told to end. What
 * they give away becomes a guest (guest.h). Each has the slot of its place among
 * the first ones of all tables (children.h), and the ledger after it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_WORKERS_H
#define PRONG_GENERATION_WORKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct child;
struct end;
struct guest;
struct processes;
struct workers;

/* NULL after logging. All functions accept NULL: there are no workers. */
struct workers *workers_new(struct processes *processes);

/* The listeners at which they accept; before workers_keep. The numbers are in
 * memory that a fork copies, and stay there. */
void workers_listen(struct workers *workers, int *listeners, size_t count);

/* Forks those that are missing, from the first call on. Returns the time of the
 * next call (clock_ms), INT64_MAX when none is needed. */
int64_t workers_keep(struct workers *workers);

/* Looks whether they run. One that stands still for a second is asked where, and
 * one that does so for ten is killed, as another takes its place. Returns the time
 * of the next call. */
int64_t workers_watch(struct workers *workers);

/* None is forked from here on. */
void workers_stop(struct workers *workers);

/* The descriptor to poll, by which they wake the generation; -1: none. */
int workers_descriptor(const struct workers *workers);

/* That descriptor is readable: they have something to tell, which workers_hear looks
 * for next. */
void workers_take_wake(struct workers *workers);

/* Has a process forked for each connection that they have given away. Called in each
 * turn, and again at the time that it returns. */
int64_t workers_hear(struct workers *workers);

/* The connection of a process that has ended goes on in a worker, as it is idle.
 * False: none takes it. */
bool workers_take_idle(struct workers *workers, const struct guest *guest);

/* Whether those that drain accept no connection any more. */
bool workers_have_left(const struct workers *workers);

/* Whether they accept connections: some live, and there is room. */
bool workers_accept(const struct workers *workers);

/* What the master shows of them, PROTOCOL_WORKER_NUMBERS each: of those from that
 * place on, at most max. Returns how many these are. */
size_t workers_tell(const struct workers *workers, size_t first, size_t max,
    size_t *numbers);

/* The connections that they serve. */
size_t workers_connections(const struct workers *workers);

/* A worker has ended: logs and counts that, punishes the client in whose handler it
 * crashed, and has another one take its place. */
void workers_take_end(struct processes *processes, struct child *child,
    size_t slot, const struct end *end);

/* The last part of that, in the table of workers. */
void workers_note_end(struct workers *workers, const struct child *child);

#endif
