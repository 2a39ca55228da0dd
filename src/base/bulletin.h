/*
 * The bulletin: what the master says of itself and its generations, for the status.
 * Only the master writes it: it lies in sealed memory, of which no process can make
 * another writable mapping. All others read it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_BULLETIN_H
#define PRONG_BASE_BULLETIN_H

#include <stdbool.h>
#include <stdint.h>

/* Increase it with every change of struct bulletin. */
#define BULLETIN_VERSION     1

#define BULLETIN_GENERATIONS 16

enum bulletin_kind {
	BULLETIN_NONE,
	BULLETIN_START,
	BULLETIN_RELOAD,
	BULLETIN_UPGRADE,
	BULLETIN_REPLACEMENT /* of a generation, from the last good set */
};

struct bulletin_generation {
	uint64_t number, pid;
	int64_t started_ms; /* of clock_ms */
	uint64_t phase;	    /* 0: it starts; 1: it serves; 2: it drains */
};

struct bulletin_reload {
	int64_t time;  /* of its end, seconds since 1970; 0: none has ended */
	uint64_t kind; /* enum bulletin_kind */
	uint64_t has_failed;
	uint64_t took_ms;
	char message[256];
};

struct bulletin {
	uint64_t version;
	uint64_t turn; /* odd while the master writes */
	struct bulletin_reload last;
	uint64_t succeeded, failed; /* reloads of all kinds */
	uint64_t count;
	struct bulletin_generation generations[BULLETIN_GENERATIONS];
};

/* In the master: makes it, with the numbers of reloads of the one before (a
 * descriptor; -1: none). Returns the descriptor, or -1 and errno; *bulletin is to be
 * written. */
int bulletin_new(struct bulletin **bulletin, int before);

/* Around each change. */
void bulletin_turn(struct bulletin *bulletin);

/* Enters a reload that has ended now. */
void bulletin_enter(struct bulletin *bulletin, enum bulletin_kind kind,
    bool has_failed, int64_t took_ms, const char *message);

/* In a generation: the bulletin, which a fork copies; NULL: there is none. */
const struct bulletin *bulletin_map(int fd);

/* A copy of one turn. False: the master has ended in the midst of a change. */
bool bulletin_read(const struct bulletin *bulletin, struct bulletin *copy);

/* That of this process's generation; NULL: none. */
extern const struct bulletin *bulletin_current;

#endif
