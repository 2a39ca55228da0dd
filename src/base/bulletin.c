/* SPDX-License-Identifier: ISC */
#include "base/bulletin.h"

#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/descriptor.h"

/* A master that was killed in the midst of a change never ends it. */
#define TURN_TRIES 1000

const struct bulletin *bulletin_current;

static struct bulletin *
map_for_writing(int fd)
{
	void *map = MAP_FAILED;

	if (ftruncate(fd, sizeof(struct bulletin)) == 0)
		map = mmap(NULL, sizeof(struct bulletin),
		    PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return map == MAP_FAILED ? NULL : map;
}

static void
take_over(struct bulletin *b, int before)
{
	const struct bulletin *old = before >= 0 ? bulletin_map(before) : NULL;
	struct bulletin copy;

	b->version = BULLETIN_VERSION;
	if (!old)
		return;
	if (bulletin_read(old, &copy)) {
		b->last = copy.last;
		b->succeeded = copy.succeeded;
		b->failed = copy.failed;
	}
	munmap((void *)(uintptr_t)old, sizeof(*old));
}

/* The seal leaves the mapping that there is as it is. */
int
bulletin_new(struct bulletin **bulletin, int before)
{
	int fd = memfd_create("prong-bulletin",
	    MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct bulletin *b = fd < 0 ? NULL : map_for_writing(fd);

	if (!b ||
	    fcntl(fd, F_ADD_SEALS,
		F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW |
		    F_SEAL_SEAL) < 0) {
		if (b)
			munmap(b, sizeof(*b));
		descriptor_close(fd);
		return -1;
	}
	madvise(b, sizeof(*b), MADV_DONTFORK);
	take_over(b, before);
	*bulletin = b;
	return fd;
}

void
bulletin_turn(struct bulletin *b)
{
	__atomic_fetch_add(&b->turn, 1, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void
bulletin_enter(struct bulletin *b, enum bulletin_kind kind, bool has_failed,
    int64_t took_ms, const char *message)
{
	bulletin_turn(b);
	b->last.time = (int64_t)time(NULL);
	b->last.kind = kind;
	b->last.has_failed = has_failed;
	b->last.took_ms = (uint64_t)took_ms;
	snprintf(b->last.message, sizeof(b->last.message), "%s", message);
	if (has_failed)
		b->failed++;
	else
		b->succeeded++;
	bulletin_turn(b);
}

const struct bulletin *
bulletin_map(int fd)
{
	struct stat st;
	void *map = MAP_FAILED;

	if (fstat(fd, &st) == 0 && st.st_size == sizeof(struct bulletin))
		map = mmap(NULL, sizeof(struct bulletin), PROT_READ, MAP_SHARED,
		    fd, 0);
	return map == MAP_FAILED ? NULL : map;
}

bool
bulletin_read(const struct bulletin *b, struct bulletin *copy)
{
	int tries;

	for (tries = 0; b && tries < TURN_TRIES; tries++) {
		*copy = *b;
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (copy->turn % 2 == 0 && copy->turn == b->turn)
			return copy->version == BULLETIN_VERSION;
		sched_yield();
	}
	return false;
}
