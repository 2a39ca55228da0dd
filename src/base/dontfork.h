/* SPDX-License-Identifier: ISC */
#ifndef PRONG_BASE_DONTFORK_H
#define PRONG_BASE_DONTFORK_H

#include <stddef.h>
#include <sys/mman.h>

/*
 * Zeroed memory that a fork does not pass on: the generation's own tables. A
 * connection cannot read other clients' addresses there, and the generation
 * does not pay for a copy of a page each time it writes to it while a
 * connection lives. Never freed; NULL and errno.
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
