/*
 * The tally of a process: its requests by method, by status and, in a cell for each
 * handler that it has called, by class and by duration. Only the process writes it,
 * behind its page of the scoreboard, and the generation after its end. Nobody
 * else trusts it (scoreboard_tally.c).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_TALLY_H
#define PRONG_BASE_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <prong/handler.h>

/* Methods are those of methods.h and one place for all others. */
#define TALLY_METHODS PRONG_STATS_METHODS

/* Statuses of errors (tally_error). */
#define TALLY_ERRORS PRONG_STATS_ERRORS

/* Of connections and requests (enum refusal). */
#define TALLY_REFUSALS PRONG_STATS_REFUSALS

/* Durations (tally_bucket). */
#define TALLY_BUCKETS PRONG_STATS_BUCKETS

/* Handlers of a process, and of a server. */
#define TALLY_CELLS 32

/* Handlers of a configuration, by their index, that need no search. The last one
 * stands for none. */
#define TALLY_HANDLERS 128
#define TALLY_NONE     (TALLY_HANDLERS - 1)

/* The last cell, if there are too many. No handler has such a name. */
#define TALLY_OTHER	  "(other)"

#define TALLY_NAME_BYTES  32
#define TALLY_ROUTE_BYTES 64

/* All are added up, but for the last one, which is the largest. */
struct tally_counts {
	uint64_t responses[6]; /* by class; [0]: none was begun */
	uint64_t sum_us;       /* of durations */
	uint64_t limits;       /* requests ended at a limit */
	uint64_t refusals;     /* calls that the sandbox has refused */
	uint64_t buckets[TALLY_BUCKETS];
	uint64_t max_us;
};

/* A slow request, one of the last minute or the slowest since. */
struct tally_exemplar {
	uint64_t us;
	int64_t time; /* seconds since 1970 */
	char id[64];
};

struct tally_cell {
	char handler[TALLY_NAME_BYTES]; /* "": none was called */
	char route[TALLY_ROUTE_BYTES];	/* "": of all */
	struct tally_counts counts;
	struct tally_exemplar slow;
};

struct tally {
	uint64_t used; /* cells */
	uint64_t methods[TALLY_METHODS];
	uint64_t errors[TALLY_ERRORS];
	uint64_t refusals[TALLY_REFUSALS];
	uint8_t cell_of[TALLY_HANDLERS]; /* + 1; 0: none yet */
	struct tally_cell cells[TALLY_CELLS];
};

/* The cell for a handler of that index, whose name and route ("": all) it gets.
 * When there are too many, the last one is for all others. */
struct tally_cell *tally_claim(struct tally *tally, size_t index,
    const char *handler, const char *route);

/* Likewise, without the index. NULL: the tally cannot be right. */
struct tally_cell *tally_find(struct tally *tally, const char *handler,
    const char *route);

/* The place of the status of an error (400 to 599) in errors. */
size_t tally_error(int status);

/* Four buckets for each doubling from 8 us to 67 s, one for less and one for more. */
static inline size_t
tally_bucket(uint64_t us)
{
	const unsigned octave = us < 8 ? 0 :
					 63u - (unsigned)__builtin_clzll(us);

	if (us < 8)
		return 0;
	if (us >= UINT64_C(1) << 26)
		return TALLY_BUCKETS - 1;
	return (octave - 3) * 4 + ((us >> (octave - 2)) & 3) + 1;
}

/* Counts a request that has taken so long. status 0: no response was begun. */
static inline void
tally_count(struct tally *tally, struct tally_cell *cell, int status,
    size_t method, uint64_t us)
{
	struct tally_counts *counts = &cell->counts;

	tally->methods[method]++;
	if (status >= 400)
		tally->errors[tally_error(status)]++;
	counts->responses[status < 600 ? (unsigned)status / 100 : 0]++;
	counts->buckets[tally_bucket(us)]++;
	counts->sum_us += us;
	if (us > counts->max_us)
		counts->max_us = us;
}

/* Whether the request, of that duration and end, is to become the exemplar of the
 * cell. Then the caller writes its id. */
static inline bool
tally_is_exemplary(struct tally_cell *cell, uint64_t us, int64_t time)
{
	struct tally_exemplar *slow = &cell->slow;

	if (us < slow->us && time - slow->time < 60)
		return false;
	slow->us = us;
	slow->time = time;
	return true;
}

/* In a handler of that name: the sandbox has refused a call. Usable in a handler of
 * a signal. */
void tally_note_refusal(struct tally *tally, const char *handler);
/* The handler took longer than it may. */
void tally_note_limit(struct tally *tally, const char *handler);

/* Adds, or takes the part of more that is not in before. */
void tally_add(struct tally_counts *sum, const struct tally_counts *more);
void tally_less(struct tally_counts *more, const struct tally_counts *before);

#endif
