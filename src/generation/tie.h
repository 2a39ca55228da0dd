/*
 * The tie of the connections to their generation: a helper that ends when the
 * generation stops or has ended. Connections hold its pidfd, which becomes
 * readable then (pidfd_open(2)). Nobody can write to a pidfd, shut it, read
 * something out of it, or keep the process behind it alive.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_TIE_H
#define PRONG_GENERATION_TIE_H

#include <sys/types.h>

struct tie {
	pid_t pid;
	int held;	/* the generation closes it to end the tie */
	int connection; /* for poll(2) in connections: readable at the end */
};

/*
 * Starts the helper; to be called before the sandbox forbids pidfd_open. On a
 * kernel without pidfds (before 5.3) connections get the reading end of a pipe
 * instead. 0, or -1 and errno.
 */
int tie_start(struct tie *tie, const char *title);

#endif
