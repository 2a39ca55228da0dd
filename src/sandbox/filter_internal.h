/*
 * Shared by the parts of the filter only: filter.c makes that of the generation,
 * filter_confine.c that of a connection.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_FILTER_INTERNAL_H
#define PRONG_SANDBOX_FILTER_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "sandbox/filter.h"
#include "sandbox/syscalls.h"

/* The system calls that trap, in the generation's filter or in one of a
 * connection. filter_load finds the numbers, because a signal handler must not
 * call libseccomp. */
struct filter_trapped {
	int number;
	const char *name;
	uint64_t need; /* that permits the call; 0: none */
	const char *permit;
};

extern struct filter_trapped filter_trapped[SYSCALLS_TRAPPED_MAX];
extern size_t filter_trapped_count;

#endif
