/* SPDX-License-Identifier: ISC */
#include "base/annals.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"

int
annals_new(void)
{
	int fd = memfd_create("prong-totals", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	/* prong(1) gets it for reading, and must not open it for writing. */
	if (fd >= 0 && fchmod(fd, 0644) == 0 &&
	    ftruncate(fd, sizeof(struct annals)) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) ==
		0)
		return fd;
	descriptor_close(fd);
	return -1;
}

/* By a second open file: a mapping of the first could be made writable. */
static const struct annals *
show(int fd)
{
	char proc[40];
	void *map;
	int readable;

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	readable = open(proc, O_RDONLY | O_CLOEXEC);
	if (readable < 0)
		return NULL;
	map = mmap(NULL, sizeof(struct annals), PROT_READ, MAP_SHARED, readable,
	    0);
	close(readable);
	return map == MAP_FAILED ? NULL : map;
}

static bool
is_whole(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 &&
	    st.st_size == (off_t)sizeof(struct annals);
}

static void
name(struct annals_series *s, const char *handler, const char *route)
{
	strncpy(s->handler, handler, sizeof(s->handler) - 1);
	strncpy(s->route, route, sizeof(s->route) - 1);
	__atomic_store_n(&s->is_used, 1, __ATOMIC_RELEASE);
}

struct annals *
annals_map(int fd, const struct annals **shown)
{
	struct annals *a = MAP_FAILED;

	errno = EPROTO;
	if (is_whole(fd))
		a = mmap(NULL, sizeof(*a), PROT_READ | PROT_WRITE, MAP_SHARED,
		    fd, 0);
	if (a == MAP_FAILED)
		return NULL;
	if (a->version == 0)
		a->version = ANNALS_VERSION;
	if (a->version != ANNALS_VERSION ||
	    madvise(a, sizeof(*a), MADV_DONTFORK) < 0) {
		munmap(a, sizeof(*a));
		errno = EPROTO;
		return NULL;
	}
	name(&a->series[ANNALS_OTHER], TALLY_OTHER, "");
	*shown = show(fd);
	return a;
}

void
annals_unmap(struct annals *a, const struct annals *shown)
{
	if (a)
		munmap(a, sizeof(*a));
	if (shown)
		munmap((void *)(uintptr_t)shown, sizeof(*shown));
}

static bool
is_of(const struct annals_series *s, const char *handler, const char *route)
{
	return strncmp(s->handler, handler, sizeof(s->handler) - 1) == 0 &&
	    strncmp(s->route, route, sizeof(s->route) - 1) == 0;
}

struct annals_series *
annals_find(struct annals *a, const char *handler, const char *route)
{
	size_t i;

	for (i = 0; i < ANNALS_OTHER && a->series[i].is_used; i++)
		if (is_of(&a->series[i], handler, route))
			return &a->series[i];
	return NULL;
}

void
annals_begin(struct annals *a, const char *handler, const char *route)
{
	size_t i = 0;

	if (annals_find(a, handler, route))
		return;
	while (i < ANNALS_OTHER && a->series[i].is_used)
		i++;
	if (i < ANNALS_OTHER)
		name(&a->series[i], handler, route);
}

static void
raise_to(uint64_t *most, uint64_t now)
{
	uint64_t before = __atomic_load_n(most, __ATOMIC_RELAXED);

	while (before < now &&
	    !__atomic_compare_exchange_n(most, &before, now, false,
		__ATOMIC_RELAXED, __ATOMIC_RELAXED))
		continue;
}

void
annals_add(struct annals_series *s, const struct tally_counts *more)
{
	uint64_t *to = (uint64_t *)&s->counts;
	const uint64_t *from = (const uint64_t *)more;
	size_t i;

	for (i = 0; i < sizeof(*more) / sizeof(*to) - 1; i++)
		if (from[i] != 0)
			__atomic_fetch_add(&to[i], from[i], __ATOMIC_RELAXED);
	raise_to(&s->counts.max_us, more->max_us);
}
