/*
 * The queue: accepted connections that wait for a process, because the server is
 * full or has run out of something. A client that is served few connections comes
 * first (crowd.h), and among equals whoever came first.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_QUEUE_H
#define PRONG_GENERATION_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "generation/guest.h"

struct crowd;

#define QUEUE_MAX 64

struct queue {
	const struct crowd *crowd;
	struct waiter {
		struct guest guest;
		int64_t until_ms; /* clock_ms */
	} waiters[QUEUE_MAX];	  /* in the order of arrival */
	size_t count;
};

/* The last place in the queue; there must be one. */
void queue_join(struct queue *queue, const struct guest *guest,
    int64_t until_ms);

/* Takes a waiter out, by its index. */
struct guest queue_take(struct queue *queue, size_t index);

/* Puts one back that was taken from there. */
void queue_put_back(struct queue *queue, size_t index,
    const struct guest *guest, int64_t until_ms);

/* The number of that client's connections that wait. */
size_t queue_waiting(const struct queue *queue, const struct address *client);

/* The next to be served; the queue is not empty. */
size_t queue_first(const struct queue *queue);

/* The waiter that has to go when there is no room for others: one of a client
 * that is heavy, with those of its connections that wait. False: there is none, and others wait in the backlog. */
bool queue_find_heavy(const struct queue *queue, size_t *index);

/* One whose time is over. */
bool queue_find_late(const struct queue *queue, int64_t now_ms, size_t *index);

/* The time at which the next waiter is late; INT64_MAX for none. */
int64_t queue_next_ms(const struct queue *queue);

#endif
