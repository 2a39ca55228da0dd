/*
 * Shared by the parts of the scoreboard only:
 *
 *	scoreboard.c		the generation's: makes it, begins and ends pages
 *	scoreboard_totals.c	adds to the counts of the server
 *	scoreboard_tally.c	what of a page, and its tally, is believed
 *	scoreboard_living.c	reads all counts
 *	scoreboard_stats.c	shows totals and connections to handlers
 *	scoreboard_look.c	looks at it from outside
 *	scoreboard_handlers.c	shows them what is counted by handler
 *	scoreboard_history.c	takes samples, and shows them
 *	scoreboard_notes.c	crashes and limits of handlers
 *	scoreboard_server.c	shows generations and processes
 *
 * Page 0 belongs to the generation: facts, and the totals of ended connections.
 * Page 1 + slot belongs to the connection in that slot, with its tally. Behind them the
 * generation has a time for each slot: when its process began.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_SCOREBOARD_LAYOUT_H
#define PRONG_BASE_SCOREBOARD_LAYOUT_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/annals.h"
#include "base/scoreboard.h"
#include "base/shared_memory.h"
#include "base/tally.h"
#include "base/totals.h"

/* Increase it with every change of the two structures in the memfd. */
#define SCOREBOARD_VERSION 12

/* Crashes of further handlers are only in the total. */
#define HANDLERS_MAX 64

struct handler_count {
	uint64_t crashes;
	char name[32]; /* as in a page; "": unused */
};

struct header {
	uint32_t version;
	uint32_t slots, max;
	uint32_t workers, accepting;
	struct ledgers_size ledgers; /* of the workers, for who looks */
	struct scoreboard_origin origin;
	int64_t generation_started, generation_started_ms;
	uint64_t generation_pid;
	struct totals own; /* of this generation, as far as they are settled */
	struct totals others; /* of all other generations */
	struct totals early;  /* in own, but of pages of living connections */
	/* Odd while the generation changes several counts, which are to be
	 * read together. */
	uint64_t turn;
	/* What connections count from now on is shown when they have ended:
	 * another generation, which cannot see their pages, shows the counts,
	 * too. */
	uint64_t is_settled;
	uint64_t log_settled; /* dropped lines of the log process, in own */
	int64_t log_error;    /* errno of the last dropped line */
	uint64_t is_leaving;
	struct handler_count handlers[HANDLERS_MAX];
};

struct scoreboard {
	struct shared_memory memory;
	uint32_t slots;
	uint32_t workers;   /* in the first slots, */
	uint32_t accepting; /* of which these accept, */
	uint32_t members;   /* and these, the last ones, are of pools */
	size_t stride;	    /* between pages: whole pages of memory */
	void **passed_on;   /* the page that a fork inherits */
	bool is_draining, is_stopping;
	/* In the generation, and not in a fork: */
	struct annals *annals;	   /* of all generations */
	struct totals *early;	   /* of each slot */
	struct early_tally **told; /* likewise; NULL: nothing was added */
	struct scoreboard_copy *copy;
	struct scoreboard_sampler *sampler; /* NULL: not yet */
	/* The annals, as a fork has them, too; NULL: they cannot be shown. */
	const struct annals *shown;
};

/* What a page says that may change at any time. */
struct scoreboard_copy {
	struct scoreboard_page page;
	struct tally tally;
};

/* What was added of a tally, as it had so many cells. */
struct early_tally {
	size_t used;
	struct tally_counts counts[];
};

#define SCOREBOARD_HEADER_BYTES 4096

_Static_assert(sizeof(struct header) <= SCOREBOARD_HEADER_BYTES, "one page");
_Static_assert(sizeof(struct scoreboard_page) <= SCOREBOARD_PAGE_BYTES,
    "one page");

/* The octets before the page of a slot; behind the last one the times begin. */
static inline size_t
scoreboard_offset(const struct scoreboard *s, size_t slot)
{
	return (slot + 1) * s->stride;
}

static inline struct header *
scoreboard_header(const struct scoreboard *s)
{
	return (struct header *)(void *)s->memory.own;
}

static inline struct scoreboard_page *
scoreboard_page(const struct scoreboard *s, size_t slot)
{
	assert(slot < s->slots);
	return (struct scoreboard_page *)(void *)(s->memory.own +
	    scoreboard_offset(s, slot));
}

/* When the process in that slot began (clock_ms); 0: there is none. */
static inline int64_t *
scoreboard_began_ms(const struct scoreboard *s, size_t slot)
{
	return (int64_t *)(void *)(s->memory.own +
		   scoreboard_offset(s, s->slots)) +
	    slot;
}

/* Before and after changes of counts that are to be read together. */
void scoreboard_turn(struct scoreboard *scoreboard);

/* What a process says that began then, and has had at most so many connections at
 * a time; nothing but a page that was discarded, if it cannot have done so much
 * since, or names handlers that there are not. Those are in the annals, unless they
 * are NULL. */
struct totals scoreboard_copy_counts(const struct scoreboard_copy *copy,
    const struct annals *annals, int64_t began_ms, size_t connections);

/* The dropped lines that a page claims, as far as they are believed. */
uint64_t scoreboard_believed_lines(const struct scoreboard_page *page,
    int64_t began_ms);

/* The series of a cell: the number in the annals; ANNALS_SERIES: there is none. */
size_t scoreboard_series(const struct annals *annals,
    const struct tally_cell *cell);

/* Adds what the copy says, which is believed, beyond what was added before. */
void scoreboard_settle_tally(struct scoreboard *scoreboard, size_t slot,
    const struct scoreboard_copy *copy, bool has_ended);

/* How many connections the process of a slot may have at a time. */
size_t scoreboard_connections_of(const struct scoreboard *scoreboard,
    size_t max, size_t slot);

/* Adds to the counts of this generation, and of the server. */
void scoreboard_add(struct scoreboard *scoreboard, const struct totals *more);

/* Adds what the page of the slot says beyond what was added of it before. */
void scoreboard_settle_slot(struct scoreboard *scoreboard, size_t slot,
    bool has_ended);

/* Takes over the counts of other generations. */
void scoreboard_look_at_others(struct scoreboard *scoreboard);

/* All counts: what is settled, and what living connections have counted beyond
 * that. */
struct scoreboard_living {
	size_t max; /* connections */
	uint64_t count, is_settled;
	struct totals totals;
	struct tally_counts series[ANNALS_SERIES];
	struct tally_exemplar slow[ANNALS_SERIES];
};

/* In any process: octets of the memory; false: they cannot be read. */
bool scoreboard_read_at(size_t offset, void *data, size_t size);
/* The next slot from that on with a living connection, and when its process
 * began; the number of slots for none. */
size_t scoreboard_next_living(size_t slot, int64_t *began_ms);
/* The header and all counts, of the same turn. */
bool scoreboard_read_living(struct header *header,
    struct scoreboard_living *living);

/* Between pages; and of all of the memory. */
size_t scoreboard_stride(void);
size_t scoreboard_bytes(const struct scoreboard *scoreboard);

/* That of this process's generation; NULL: none. */
extern struct scoreboard *scoreboard_current;

/* The kind of process in a slot: "own", "worker", "shared" or "pool". */
static inline const char *
scoreboard_kind(size_t slot)
{
	const struct scoreboard *s = scoreboard_current;

	if (slot >= s->workers)
		return "own";
	if (slot < s->accepting)
		return "worker";
	return slot < s->workers - s->members ? "shared" : "pool";
}

#endif
