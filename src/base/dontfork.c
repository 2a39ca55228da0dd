/* SPDX-License-Identifier: ISC */
#include "base/dontfork.h"

#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of address space that is kept for the tables. */
#define RESERVED_BYTES ((size_t)8 << 20)

static char *reserved; /* NULL: none */
static size_t reserved_bytes;

static char *
map(size_t bytes, int protection)
{
	char *p = mmap(NULL, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	    0);

	if (p == MAP_FAILED)
		return NULL;
	if (madvise(p, bytes, MADV_DONTFORK) < 0) {
		munmap(p, bytes);
		return NULL;
	}
	return p;
}

/* Takes the end of what is reserved, so that all that was taken is one mapping
 * for the kernel. */
static char *
take_reserved(size_t bytes)
{
	char *p;

	if (!reserved) {
		reserved = map(RESERVED_BYTES, PROT_NONE);
		reserved_bytes = reserved ? RESERVED_BYTES : 0;
	}
	if (bytes > reserved_bytes)
		return NULL;
	p = reserved + reserved_bytes - bytes;
	if (mprotect(p, bytes, PROT_READ | PROT_WRITE) < 0)
		return NULL;
	reserved_bytes -= bytes;
	return p;
}

size_t
dontfork_whole_pages(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (bytes + page - 1) / page * page;
}

void *
dontfork_alloc(size_t bytes)
{
	size_t whole = dontfork_whole_pages(bytes);
	char *p = take_reserved(whole);

	return p ? p : map(whole, PROT_READ | PROT_WRITE);
}
