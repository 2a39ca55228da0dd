/*
 * The place of a worker in the porter: the socket by which its parcels come, and
 * those that nobody has adopted. A worker may have been broken into, so of what
 * comes here only whole parcels are obeyed: a stream socket, and octets in the
 * message or in a sealed copy. They get a number of this place, whatever they say.
 * Of a connection that was passed to this worker the facts are those of before; a
 * worker that is not believed has no others.
 * All else, and what is too much, is closed without waiting. A worker that sends
 * so much of it that the closing does not keep up is not heard until it does.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_PORTER_PLACE_H
#define PRONG_GENERATION_PORTER_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdpass.h"
#include "generation/discard.h"
#include "generation/porter_outbox.h"

struct closer;
struct porter_kept;
struct porter_table;

/* The most parcels of a place that nobody has adopted, with the most octets; and
 * the most messages that are read in one go. A send buffer of the usual size has
 * room for fewer. */
#define PORTER_PARCELS_MAX	  1024
#define PORTER_PARCELS_MAX_OCTETS ((size_t)16 << 20)
#define PORTER_MESSAGES_MAX	  1024

struct porter_place {
	size_t index;
	bool is_believed; /* what its worker says of connections */
	int socket;
	bool is_over; /* nothing comes any more from this worker */
	size_t waiting_count, waiting_max, waiting_octets;
	struct porter_kept *waiting; /* nobody has adopted them */
	/* How many messages may be read at once for an order: so many workers
	 * that announce what they have not sent cannot keep the porter busy. */
	size_t credit;
	struct discard discard;
	struct porter_outbox outbox; /* what the worker is sent, and has */
	/* Waits for a thread. */
	size_t held_count;
	int held[FDPASS_ALL];
};

void porter_place_init(struct porter_place *place, size_t index, int socket,
    size_t waiting_max, size_t connections);

/* Whether another message may be read: what was to be closed has a thread. */
bool porter_place_is_ready(struct porter_place *place);

/* How many descriptors are to be closed. */
size_t porter_place_left(const struct porter_place *place);

/* Reads a message of a place that is ready, if there is one. Never waits. False:
 * there was none. FDPASS_ALL descriptors are free. */
bool porter_place_read(struct porter_place *place, struct porter_table *table,
    struct closer *closer);

/* The parcel, if it is in the list, outlives its worker, or is about to be
 * removed. */
void porter_place_adopt(struct porter_place *place, struct porter_kept *kept);

/* The worker has ended: closes what is waiting, and the socket with all that lies
 * in it. The place has the socket of the next worker instead. */
void porter_place_forget(struct porter_place *place, int socket,
    struct porter_table *table, struct closer *closer);

#endif
