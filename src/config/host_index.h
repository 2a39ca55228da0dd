/*
 * Index of hosts: finds one of thousands by a hash of its name, in few pages of
 * memory. Each page that a connection touches for the first time is a fault.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_HOST_INDEX_H
#define PRONG_CONFIG_HOST_INDEX_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct host;

/* number: in the list of hosts, from 1 on; 0: the place is free. */
struct host_place {
	uint32_t hash, number;
};

/* All zero is an index of no host. */
struct host_index {
	const struct host *hosts;
	struct host_place *places;
	size_t mask; /* their number, a power of two, less one */
};

/* Makes the index of that many hosts, which stay where they are. Of equal names
 * one is found. 0, or -1: there is no memory. */
int host_index_make(struct host_index *index, struct arena *arena,
    const struct host *hosts, size_t count);

/* The host of that name, in lower case; NULL: none. */
const struct host *host_index_find(const struct host_index *index,
    const char *name);

#endif
