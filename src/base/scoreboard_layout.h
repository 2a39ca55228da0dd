/*
 * Shared by the parts of the scoreboard only:
 *
 *	scoreboard.c		the generation's: makes it, begins and ends pages
 *	scoreboard_stats.c	reads it for handlers
 *
 * Page 0 belongs to the generation: facts, and the totals of ended connections.
 * Page 1 + slot belongs to the connection in that slot. Behind them the
 * generation has an octet for each slot: whether its connection lives.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_SCOREBOARD_LAYOUT_H
#define PRONG_BASE_SCOREBOARD_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/scoreboard.h"

/* Increase it with every change of the two structures in the memfd. */
#define SCOREBOARD_VERSION 5

/* Crashes of further handlers are only in the total. */
#define HANDLERS_MAX 64

struct handler_count {
	uint64_t crashes;
	char name[32]; /* as in a page; "": unused */
};

struct header {
	uint32_t version;
	uint32_t slots, max;
	int64_t master_started, generation_started;
	uint64_t generation, master_pid, generation_pid;
	uint64_t connections, refused, crashed;
	uint64_t requests, bytes_received, bytes_sent;
	uint64_t responses[6];
	uint64_t lines_dropped;
	int64_t log_error; /* errno of the last dropped line */
	uint64_t is_leaving;
	struct handler_count handlers[HANDLERS_MAX];
};

struct scoreboard {
	int fd;
	uint32_t slots;
	size_t stride;	   /* between pages: whole pages of memory */
	size_t *passed_on; /* the slot whose page a fork inherits */
	bool is_draining;
	unsigned char *map; /* all pages; in the generation */
};

_Static_assert(sizeof(struct header) <= SCOREBOARD_PAGE_BYTES, "one page");
_Static_assert(sizeof(struct scoreboard_page) <= SCOREBOARD_PAGE_BYTES,
    "one page");

/* The octets before the page of a slot; behind the last one is_living begins. */
static inline size_t
scoreboard_offset(const struct scoreboard *s, size_t slot)
{
	return (slot + 1) * s->stride;
}

/* That of this process's generation; NULL: none. */
extern struct scoreboard *scoreboard_current;

#endif
