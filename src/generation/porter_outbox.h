/*
 * What the porter sends to a worker: connections that go on there (PORTER_PASS).
 * When the worker has one, the porter closes its descriptor, and keeps the facts: what
 * they say of the client comes from a process that has run no handler of others, and
 * is what holds when the connection comes back. Until then the connection can still
 * go elsewhere, as the worker may have ended.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_PORTER_OUTBOX_H
#define PRONG_GENERATION_PORTER_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct closer;
struct porter_kept;
struct porter_table;

/* The most that a worker does not have yet. The generation passes it no more, unless
 * the worker lies about what it has. */
#define PORTER_OUTBOX_MAX 64

/* The most descriptors that are to be closed with connections that are about to end:
 * a worker says at once that one has. */
#define PORTER_ENDINGS_MAX 8

struct porter_outbox {
	struct porter_kept *first, **end; /* to be sent, in their order */
	struct porter_kept *sent;
	size_t unsent_count,
	    late_count; /* the worker does not have late ones */
	size_t sent_count, sent_max;
	size_t ending_count;
	/* Parcels that the worker expects, and that are not there: it was not told
	 * yet. */
	size_t missing_count;
};

/* For a worker that has at most so many connections. It is not moved. */
void porter_outbox_init(struct porter_outbox *outbox, size_t connections);

/* Whether what is put there is lost. */
bool porter_outbox_is_full(const struct porter_outbox *outbox);

/* Takes a parcel that is in no list; one too many is closed. */
void porter_outbox_put(struct porter_outbox *outbox, struct porter_table *table,
    struct porter_kept *kept, struct closer *closer);

/* Sends what the worker has room for. Never waits. False: some are left. */
bool porter_outbox_send(struct porter_outbox *outbox, int socket,
    struct porter_table *table, struct closer *closer);

/* What was sent to this worker by that number; NULL: nothing. */
struct porter_kept *porter_outbox_find(struct porter_outbox *outbox,
    const struct porter_table *table, uint64_t number);

/* The worker has it. */
void porter_outbox_note(struct porter_outbox *outbox, struct porter_kept *kept,
    struct closer *closer);

/* A parcel for this worker is not there. porter_outbox_send tells it. */
void porter_outbox_note_missing(struct porter_outbox *outbox);

/* The worker is about to end it, and has sent its descriptor, which is closed with
 * it. False: there is one already. */
bool porter_outbox_note_ending(struct porter_outbox *outbox,
    struct porter_kept *kept, int fd);

/* It has ended there: all that is left of it is closed. */
void porter_outbox_end(struct porter_outbox *outbox, struct porter_table *table,
    struct porter_kept *kept, struct closer *closer);

/* Takes one out, which is in no list then. */
void porter_outbox_take(struct porter_outbox *outbox, struct porter_kept *kept);

/* The worker has ended: what is left here is closed. */
void porter_outbox_forget(struct porter_outbox *outbox,
    struct porter_table *table, struct closer *closer);

#endif
