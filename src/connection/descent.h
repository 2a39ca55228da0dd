/*
 * The descent of a guardian: all processes that descend from it, which are those
 * of one connection (guardian.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_DESCENT_H
#define PRONG_CONNECTION_DESCENT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct descent {
	bool is_scoped; /* a signal to all reaches the descent alone; proven */
	int own_list;	/* the children of this process; -1: unknown */
};

/* To be called in the guardian, when its descriptors are arranged. Logs what
 * is missing. */
void descent_open(struct descent *descent);

/* The number of processes, without the ward; 0 if it is unknown. */
size_t descent_count(const struct descent *descent, pid_t ward);

/* Kills all. With the scope none is left but those that cannot die at once.
 * Without it a process can be missed that has just been forked; but one that has
 * been killed forks no more, so a chain of forks ends as soon as a call finds its
 * last member. The caller waits for them, and calls again until none is left. */
void descent_kill(const struct descent *descent);

#endif
