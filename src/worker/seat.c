/*
 * Seats: the memory of clients that are not at rest. Some stay for the next ones, as
 * long as they are needed now and then. Each is a mapping of its own, so that the
 * kernel has its memory back when it goes.
 *
 * SPDX-License-Identifier: ISC
 */
#include <sys/mman.h>

#include "worker/internal.h"

#define MAX_SPARE 64

/* The memory of the connection follows, aligned as that of a page. */
#define ALIGN 64

static size_t
own_bytes(void)
{
	return (sizeof(struct seat) + ALIGN - 1) / ALIGN * ALIGN;
}

static struct seat *
make(void)
{
	struct seat *seat = mmap(NULL, own_bytes() + connection_memory_bytes(),
	    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (seat == MAP_FAILED)
		return NULL;
	seat->memory = (struct connection_memory *)(void *)((char *)seat +
	    own_bytes());
	return seat;
}

struct seat *
seat_take(struct worker *w)
{
	struct seat *seat = w->spare.first;

	if (seat) {
		w->spare.first = seat->next;
		w->spare.count--;
		if (w->spare.count < w->spare.least)
			w->spare.least = w->spare.count;
	} else {
		seat = make();
	}
	return seat;
}

static void
unmap(struct seat *seat)
{
	munmap(seat, own_bytes() + connection_memory_bytes());
}

void
seat_give(struct worker *w, struct seat *seat)
{
	struct spare *spare = &w->spare;

	/* The stack of the fiber will be unused, too. */
	worker_note_spare(w);
	if (spare->count == MAX_SPARE) {
		unmap(seat);
		return;
	}
	seat->next = spare->first;
	spare->first = seat;
	spare->count++;
}

bool
seat_trim(struct worker *w)
{
	struct spare *spare = &w->spare;
	struct seat *seat;

	for (; spare->least > 0; spare->least--) {
		seat = spare->first;
		spare->first = seat->next;
		spare->count--;
		unmap(seat);
	}
	spare->least = spare->count;
	return spare->count > 0;
}
