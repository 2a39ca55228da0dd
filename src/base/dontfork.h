/* SPDX-License-Identifier: ISC */
#ifndef PRONG_BASE_DONTFORK_H
#define PRONG_BASE_DONTFORK_H

#include <stddef.h>
#include <sys/mman.h>

/*
 * Zeroed memory that a forked process does not inherit, for the generation's
 * tables. So a connection cannot read other clients' addresses there, and
 * writing by the generation never copies a page that a connection shares.
 * Never freed. NULL and errno.
 */
static inline void *
dontfork_alloc(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	if (madvise(p, bytes, MADV_DONTFORK) < 0) {
		munmap(p, bytes);
		return NULL;
	}
	return p;
}

#endif
