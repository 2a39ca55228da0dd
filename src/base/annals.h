/*
 * The annals of a server: what all its generations have counted together. The
 * master keeps them as a sealed piece of memory, which it never maps itself;
 * generations add to them, also those that drain. Handlers can only read them.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_ANNALS_H
#define PRONG_BASE_ANNALS_H

#include <stdint.h>

#include "base/tally.h"
#include "base/totals.h"

/* Increase it with every change of struct annals. */
#define ANNALS_VERSION 1

/* Handlers, and handlers of routes where these are counted apart: as many as have
 * had a name since the server started. Further ones are in the last. */
#define ANNALS_SERIES 32
#define ANNALS_OTHER  (ANNALS_SERIES - 1)

/* The last crash of a handler. Client and request are what its process claimed. */
struct annals_crash {
	int64_t time; /* seconds since 1970; 0: none */
	uint64_t signal, pid;
	char client[64];
	char request[256];
	char id[64];
};

struct annals_series {
	char handler[TALLY_NAME_BYTES];
	char route[TALLY_ROUTE_BYTES];
	uint64_t is_used;
	struct tally_counts counts;
	struct tally_exemplar slow;
	uint64_t crashes;
	struct annals_crash crash;
};

/* Counts since the start; durations since the sample before. */
struct annals_sample {
	int64_t time_ms; /* since 1970 */
	uint64_t requests, responses_4xx, responses_5xx, refused;
	uint64_t received, sent;
	uint64_t connections; /* then */
	uint64_t p50_us, p99_us;
};

/* The last five minutes, and the sample before them; and one that is written. */
#define ANNALS_SAMPLES 62

struct annals_history {
	uint64_t count; /* of all samples so far */
	struct annals_sample samples[ANNALS_SAMPLES];
};

/* How many connections a generation has that drains. */
struct annals_generation {
	uint64_t number, connections;
};

#define ANNALS_GENERATIONS 16

struct annals {
	uint64_t version;
	struct annals_generation generations[ANNALS_GENERATIONS];
	struct totals totals;
	struct annals_history history;
	struct annals_series series[ANNALS_SERIES];
};

/* In the master: zeros, as a descriptor. -1 and errno. */
int annals_new(void);

/* In a generation: the annals, which a fork does not copy. NULL and errno; EPROTO:
 * they are those of another release. *shown: the same, which a fork does copy, and
 * which can never become writable; NULL: that is not possible. */
struct annals *annals_map(int fd, const struct annals **shown);
void annals_unmap(struct annals *annals, const struct annals *shown);

/* Begins the series of that name, unless there is one, or there are too many. One
 * generation starts at a time. */
void annals_begin(struct annals *annals, const char *handler,
    const char *route);

/* The series of that name. NULL: there is none. */
struct annals_series *annals_find(struct annals *annals, const char *handler,
    const char *route);

/* Adds to a series. Other generations may do so at the same time. */
void annals_add(struct annals_series *series, const struct tally_counts *more);

#endif
