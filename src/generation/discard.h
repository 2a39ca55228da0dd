/*
 * What a worker has sent that the porter does not want: descriptors of any kind,
 * which a process that was broken into may have chosen. The close of one may wait
 * for its client (SO_LINGER), or for ever, through signals and all (a file system
 * in user space that does not respond to a flush). So each bundle has a thread of
 * its own, of few for each worker.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_DISCARD_H
#define PRONG_GENERATION_DISCARD_H

#include <stdbool.h>
#include <stddef.h>

#define DISCARD_THREADS 4

struct discard_bundle {
	int *fds; /* allocated */
	size_t count;
	size_t
	    left; /* still to be closed; the thread counts down, atomically */
};

/* Zeros at first. */
struct discard {
	struct discard_bundle bundles[DISCARD_THREADS];
};

/* Takes the descriptors over, and closes them soon. Never waits. False: all
 * threads are at it, or there is none; the caller has the descriptors still. */
bool discard_close(struct discard *discard, const int *fds, size_t count);

/* How many are still open. */
size_t discard_left(const struct discard *discard);

#endif
