/*
 * The acceptor: accepts connections for the generation, keeps to the ceilings,
 * and has a process forked for each. It never reads an octet of a client.
 *
 * At the ceiling connections wait in a queue, and behind it in the kernel's
 * backlog. The queue is the place where light clients overtake heavy ones; when
 * it is full, those of heavy clients are refused, so that nobody stands behind
 * them. Whoever has waited too long is refused.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_ACCEPTOR_H
#define PRONG_GENERATION_ACCEPTOR_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct acceptor;
struct configuration;
struct processes;
struct scoreboard;

struct acceptor_facts {
	const struct configuration *configuration;
	struct processes *processes;
	struct scoreboard *scoreboard;
	int *listeners; /* not blocking */
	size_t listener_count;
	int private_base; /* see processes.h */
};

/* NULL after logging the reason. */
struct acceptor *acceptor_new(const struct acceptor_facts *facts);

/* Whether workers accept: then the listeners are left to them, but that of
 * status_listen, unless connections wait here. */
void acceptor_leave(struct acceptor *acceptor, bool to_workers);

/* Copies the descriptors of the listeners that can be left to workers; their
 * number, at most that of all. */
size_t acceptor_shared(const struct acceptor *acceptor, int *listeners);

/* Whether it waits, as acceptor_hold has said. */
bool acceptor_is_held(const struct acceptor *acceptor);

/* The largest number of descriptors in a poll set. */
size_t acceptor_poll_max(const struct acceptor *acceptor);

/* Fills fds with the descriptors to poll and returns their number. The poll
 * must end at *until_ms (clock_ms; INT64_MAX: not by itself). */
size_t acceptor_poll_set(struct acceptor *acceptor, struct pollfd *fds,
    int64_t *until_ms);

/* Handles the results of that poll. */
void acceptor_polled(struct acceptor *acceptor, const struct pollfd *fds);

/* Accepts nothing for that time, in which connections wait in the backlog. */
void acceptor_hold(struct acceptor *acceptor, int64_t ms);

/*
 * Another generation serves from here on. Listeners are closed at once, except
 * the ending ones (count indexes, from 0): the new generation does not have
 * these, so their backlogs are emptied first, and not before linger_ms are over.
 * Connections that wait are still served.
 */
void acceptor_drain(struct acceptor *acceptor, const size_t *ending,
    size_t count, int64_t linger_ms);

/* Whether no connection waits and no listener is left. */
bool acceptor_is_idle(const struct acceptor *acceptor);

/* Closes all listeners and refuses connections that wait. During linger_ms, if
 * that is not 0, handshakes come to their end there: then the listeners are closed
 * when their backlogs are empty. Not where acceptor_drain was called before. */
void acceptor_stop(struct acceptor *acceptor, int64_t linger_ms);

#endif
