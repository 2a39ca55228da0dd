/*
 * A witness: a process that is forked before this one enters a scope of signals
 * (landlock.h), so that it is outside. That it cannot be signalled any more, as
 * it could before, proves that the scope is in force.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_WITNESS_H
#define PRONG_SANDBOX_WITNESS_H

#include <stdbool.h>
#include <sys/types.h>

struct witness {
	pid_t pid; /* 0: none */
	int line;  /* it ends when this closes */
};

/* Without a witness nothing is proven. */
void witness_call(struct witness *witness);

/* Whether it is out of reach by now, and in reach before. Ends it. */
bool witness_proves(struct witness *witness);

#endif
