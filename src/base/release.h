/*
 * The release of a client's socket. The generation has a descriptor of it until
 * shortly after the fork, and then gives the release. The connection awaits
 * that before it parses what it has read. So the generation is never the last one that closes the
 * socket, and no option that a handler sets there (SO_LINGER) makes it wait.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_RELEASE_H
#define PRONG_BASE_RELEASE_H

#include <stdint.h>
#include <sys/types.h>

/* In memory that both processes share, zeros at first. */
struct release {
	uint32_t is_given, is_awaited;
};

void release_give(struct release *release);

/* Returns when the release was given, or when the parent is not that process
 * any more: an ended one has closed its descriptors without a word. */
void release_await(struct release *release, pid_t parent);

#endif
