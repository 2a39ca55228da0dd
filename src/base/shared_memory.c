/* SPDX-License-Identifier: ISC */
#include "base/shared_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"

/* Of all own parts; end 0: there are none. */
static uintptr_t span_begin, span_end;
static size_t own_bytes;

void
shared_memory_note(const void *own, size_t bytes)
{
	const uintptr_t begin = (uintptr_t)own, end = begin + bytes;

	if (span_end == 0 || begin < span_begin)
		span_begin = begin;
	if (end > span_end)
		span_end = end;
	own_bytes += bytes;
}

void
shared_memory_span(const void **begin, size_t *bytes)
{
	*begin = (const void *)span_begin;
	*bytes = span_end - span_begin;
}

size_t
shared_memory_bytes(void)
{
	return own_bytes;
}

/* A second open file, which allows no writable mapping. */
static int
open_readable(int fd)
{
	char proc[40];

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	return open(proc, O_RDONLY | O_CLOEXEC);
}

static int
show(struct shared_memory *m, int fd)
{
	void *map;

	if (m->shown_bytes == 0)
		return 0;
	map = mmap(NULL, m->shown_bytes, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return -1;
	m->shown = map;
	return 0;
}

/* MADV_DONTFORK must hold before the first fork. */
static int
map_own(struct shared_memory *m, int fd)
{
	void *map;

	if (ftruncate(fd, (off_t)m->bytes) < 0)
		return -1;
	map = mmap(NULL, m->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return -1;
	m->own = map;
	shared_memory_note(map, m->bytes);
	return madvise(map, m->bytes, MADV_DONTFORK);
}

/* The seal comes before the second mapping, which then can only be read. */
static int
seal_and_show(struct shared_memory *m, int fd)
{
	m->readable = fd;
	return fcntl(fd, F_ADD_SEALS,
		   F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW |
		       F_SEAL_SEAL) < 0 ?
	    -1 :
	    show(m, fd);
}

static int
keep_and_show(struct shared_memory *m, int fd)
{
	m->writable = fd;
	if (m->shown_bytes > 0)
		m->readable = open_readable(fd);
	return (m->shown_bytes > 0 && m->readable < 0) ||
		fcntl(fd, F_ADD_SEALS,
		    F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0 ?
	    -1 :
	    show(m, m->readable);
}

int
shared_memory_file(const char *name, int *readable)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	*readable = -1;
	if (fd >= 0 && fchmod(fd, 0644) == 0)
		*readable = open_readable(fd);
	if (*readable >= 0)
		return fd;
	descriptor_close(fd);
	return -1;
}

const unsigned char *
shared_memory_look(int fd, size_t least, size_t *bytes)
{
	const int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;
	void *map;

	if (seals < 0 || !(seals & F_SEAL_SHRINK) || fstat(fd, &st) < 0 ||
	    st.st_size < (off_t)least)
		return NULL;
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return NULL;
	*bytes = (size_t)st.st_size;
	return map;
}

int
shared_memory_make(struct shared_memory *m, const char *name, size_t bytes,
    size_t shown_bytes, bool is_lasting)
{
	return shared_memory_make_in(m,
	    memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING), bytes,
	    shown_bytes, is_lasting);
}

int
shared_memory_make_in(struct shared_memory *m, int fd, size_t bytes,
    size_t shown_bytes, bool is_lasting)
{
	int result, saved;

	*m = (struct shared_memory){ .bytes = bytes,
		.shown_bytes = shown_bytes,
		.writable = -1,
		.readable = -1 };
	if (fd < 0)
		return -1;
	result = map_own(m, fd);
	if (result == 0)
		result = is_lasting ? keep_and_show(m, fd) :
				      seal_and_show(m, fd);
	if (result == 0)
		return 0;
	saved = errno;
	if (m->writable < 0 && m->readable < 0)
		close(fd);
	shared_memory_free(m);
	errno = saved;
	return -1;
}

int
shared_memory_map_part(struct shared_memory *m, size_t offset, size_t length)
{
	void *map;

	if (length == 0)
		return show(m, m->readable);
	map = mmap(NULL, m->bytes, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map == MAP_FAILED)
		return -1;
	m->own = map;
	shared_memory_note(map, m->bytes);
	map = mmap(m->own + offset, length, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_FIXED, m->writable, (off_t)offset);
	return map == MAP_FAILED ? -1 : show(m, m->readable);
}

int
shared_memory_pass_on(void **passed, void *part, size_t bytes)
{
	if (*passed == part)
		return 0;
	if (*passed && madvise(*passed, bytes, MADV_DONTFORK) < 0)
		return -1;
	*passed = NULL;
	if (madvise(part, bytes, MADV_DOFORK) < 0)
		return -1;
	*passed = part;
	return 0;
}

void
shared_memory_free(struct shared_memory *m)
{
	if (m->own)
		munmap(m->own, m->bytes);
	if (m->shown)
		munmap((void *)(size_t)m->shown, m->shown_bytes);
	descriptor_close(m->writable);
	descriptor_close(m->readable);
	*m = (struct shared_memory){ .writable = -1, .readable = -1 };
}
