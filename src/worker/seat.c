/*
 * Seats: the memory of clients that are not at rest. Some stay for the next ones,
 * but no more than are in use, and few. Each is a mapping of its own, so that the
 * kernel has its memory back when it goes.
 *
 * SPDX-License-Identifier: ISC
 */
#include <sys/mman.h>

#include "worker/internal.h"

#define MAX_SPARE 64
#define FEW	  8

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
	} else {
		seat = make();
	}
	w->spare.used += seat != NULL;
	return seat;
}

void
seat_give(struct worker *w, struct seat *seat)
{
	struct spare *spare = &w->spare;

	spare->used--;
	if (spare->count >= MAX_SPARE || spare->count > spare->used + FEW) {
		munmap(seat, own_bytes() + connection_memory_bytes());
		return;
	}
	seat->next = spare->first;
	spare->first = seat;
	spare->count++;
}
