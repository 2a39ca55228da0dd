/*
 * A reload, and the first start: read the disk, open what is new, start a
 * generation from it, and when that is ready let it take over. Until then what
 * was in force stays in force, and whatever goes wrong ends the reload alone.
 *
 *	none ──asked──▶ reading ──all is read──▶ starting ──ready──▶ yielding
 *	  ▲                │ wrong                  │ ended, late       │
 *	  └────────────────┴────────────────────────┴───────────────────┘
 *
 * Here is what a reload has and says; server.c moves it from one phase to the next.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_RELOAD_H
#define PRONG_MASTER_RELOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "master/generation_inputs.h"
#include "master/loader.h"

struct activation;
struct command;
struct control;

enum reload_phase {
	RELOAD_NONE,
	RELOAD_READING,	 /* the loader is under way */
	RELOAD_STARTING, /* a generation of the next inputs is */
	RELOAD_YIELDING	 /* it serves; the one before is to say
					   that it accepts no more */
};

enum reload_event {
	RELOAD_CONTINUES,
	RELOAD_HAS_READ, /* call reload_open next */
	RELOAD_HAS_FAILED
};

struct reload {
	enum reload_phase phase;
	bool again;	 /* asked for: begins when it can */
	bool has_failed; /* the last one that ended */
	int64_t ended;	 /* seconds since 1970; 0: none has */
	struct loader loader;
	struct generation_inputs next;
	uint64_t generation; /* that starts from them */
	uint64_t before;     /* that it takes over from; 0: none */
	int64_t yield_ms;    /* is waited for until then, or
					   INT64_MAX */
};

#define RELOAD_INITIAL \
	((struct reload){ .loader = LOADER_NONE, \
	    .next = GENERATION_INPUTS_NONE, \
	    .yield_ms = INT64_MAX })

/* Starts to read. Clients that wait for the next reload wait for this one. False
 * after telling why: it has failed. */
bool reload_begin(struct reload *reload, const struct command *command,
    struct control *control);

/* Takes a message of the loader, or notes that its time is over; tells clients. */
enum reload_event reload_receive(struct reload *reload,
    struct control *control);

/* Opens what the snapshot that was read names: the next inputs. Listeners are kept
 * from those in force. False after logging. */
bool reload_open(struct reload *reload, const struct generation_inputs *now,
    struct activation *passed, enum log_style style);

/* A generation of that number starts from the next inputs. */
void reload_start(struct reload *reload, uint64_t generation);
bool reload_is_starting(const struct reload *reload, uint64_t generation);

/* That generation serves: what it is made from is the result, and the caller's.
 * Until the one before accepts no more, a client may still get to that one. */
struct generation_inputs reload_yield(struct reload *reload, uint64_t before);
bool reload_is_yielding(const struct reload *reload, uint64_t before);

/* Drops what was read and opened, but for what is in force. */
void reload_drop(struct reload *reload, const struct generation_inputs *now,
    const struct activation *passed);

/* It has ended; tells clients. ended: seconds since 1970; 0: it was a first
 * start. */
void reload_end(struct reload *reload, struct control *control, int status,
    int64_t ended);

#endif
