/*
 * The acceptor: accepts connections for the generation, keeps to the ceilings,
 * and has a process begun for each. It never reads an octet that a client sent.
 *
 * At the ceiling the listeners are not polled and the kernel's backlog is the
 * queue, but for its head: one connection is accepted and held, so that it can
 * be refused when it has waited too long, and the next one after it.
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
	int private_base; /* as processes.h has it */
};

/* NULL after logging why. */
struct acceptor *acceptor_new(const struct acceptor_facts *facts);

/* How many descriptors acceptor_poll_set can ask for. */
size_t acceptor_poll_max(const struct acceptor *acceptor);

/* Fills fds with what to wait for, and until when (clock_ms; INT64_MAX). */
size_t acceptor_poll_set(struct acceptor *acceptor, struct pollfd *fds,
    int64_t *until_ms);

/* After that poll. */
void acceptor_polled(struct acceptor *acceptor, const struct pollfd *fds);

/*
 * Another serves from here on: accepts nothing more, and what is held is still
 * served. Nobody else listens at those that are in ending (count numbers, from
 * 0): whoever waits there is still accepted.
 */
void acceptor_drain(struct acceptor *acceptor, const size_t *ending,
    size_t count);

/* Whether nothing is held, and nobody waits. */
bool acceptor_is_idle(const struct acceptor *acceptor);

/* Accepts nothing more; what is held is refused. */
void acceptor_stop(struct acceptor *acceptor);

#endif
