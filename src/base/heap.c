/* SPDX-License-Identifier: ISC */
#include "base/heap.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/descriptor.h"

/* Below that the page faults of each connection cost more than the copies. */
#define LEAST_BYTES ((size_t)1 << 20)

/* Of large pieces; the default of glibc. */
#define MAPPINGS_MAX 65536

static char *begin;

/* On a page of its own; sbrk(2) fails where malloc has another source. */
static char *
end_of_heap(size_t page)
{
	char *end = sbrk(0);

	if (end == (void *)-1)
		return NULL;
	return end + (-(uintptr_t)end & (page - 1));
}

static size_t
page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* Large pieces have mappings of their own, or lie in the heap with the others. */
static void
map_large(bool apart)
{
#ifdef __GLIBC__
	mallopt(M_MMAP_MAX, apart ? MAPPINGS_MAX : 0);
#else
	(void)apart;
#endif
}

void
heap_begin(void)
{
	begin = end_of_heap(page_bytes());
	map_large(false);
}

static bool
is_zero(const char *page, size_t bytes)
{
	return page[0] == 0 && memcmp(page, page + 1, bytes - 1) == 0;
}

/* Pages of zeros, which malloc has given back, become holes. */
static bool
copy_pages(int fd, const char *from, size_t bytes, size_t page)
{
	size_t at;

	for (at = 0; at < bytes; at += page)
		if (!is_zero(from + at, page) &&
		    pwrite(fd, from + at, page, (off_t)at) != (ssize_t)page)
			return false;
	return true;
}

static int
copy(const char *from, size_t bytes, size_t page)
{
	int fd = memfd_create("prong-heap", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && ftruncate(fd, (off_t)bytes) == 0 &&
	    copy_pages(fd, from, bytes, page) &&
	    fcntl(fd, F_ADD_SEALS,
		F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
		return fd;
	descriptor_close(fd);
	return -1;
}

/* Beyond the limit a write would end the process by a signal. */
static bool
may_write(size_t bytes)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur >= bytes;
}

static void *
map(void *where, size_t bytes, int flags, int fd)
{
	return mmap(where, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | flags,
	    fd, 0);
}

/* A policy or a limit that refuses the mapping elsewhere leaves the heap as it
 * is. */
static bool
can_map(int fd, size_t bytes)
{
	void *trial = map(NULL, bytes, 0, fd);

	return trial != MAP_FAILED && munmap(trial, bytes) == 0;
}

/* The last page, of which malloc may use a part only, stays. */
void
heap_settle(void)
{
	const size_t page = page_bytes();
	char *end = sbrk(0);
	size_t bytes;
	int fd;

	map_large(true);
	if (!begin || end == (void *)-1 || end < begin + LEAST_BYTES)
		return;
	bytes = (size_t)(end - begin) & ~(page - 1);
	fd = may_write(bytes) ? copy(begin, bytes, page) : -1;
	if (fd < 0)
		return;
	if (can_map(fd, bytes) && map(begin, bytes, MAP_FIXED, fd) != begin)
		abort(); /* the heap may be gone */
	descriptor_close(fd);
}
