/* SPDX-License-Identifier: ISC */
#include "base/totals.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/descriptor.h"

int
totals_new(void)
{
	int fd = memfd_create("prong-totals", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && ftruncate(fd, sizeof(struct totals)) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) ==
		0)
		return fd;
	descriptor_close(fd);
	return -1;
}

struct totals *
totals_map(int fd)
{
	void *map = mmap(NULL, sizeof(struct totals), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);

	if (map == MAP_FAILED ||
	    madvise(map, sizeof(struct totals), MADV_DONTFORK) < 0)
		return NULL;
	return map;
}

void
totals_add(struct totals *own, struct totals *shared, const struct totals *more)
{
	size_t i;

	for (i = 0; i < TOTALS; i++) {
		own->of[i] += more->of[i];
		if (shared && more->of[i] != 0)
			__atomic_fetch_add(&shared->of[i], more->of[i],
			    __ATOMIC_RELAXED);
	}
}

struct totals
totals_less(const struct totals *a, const struct totals *b)
{
	struct totals less;
	size_t i;

	for (i = 0; i < TOTALS; i++)
		less.of[i] = a->of[i] > b->of[i] ? a->of[i] - b->of[i] : 0;
	return less;
}
