/*
 * A reload, and the first start: the loader reads the disk, the master opens
 * logs and listeners and starts a generation, which takes over when it is
 * ready. Until then the inputs in force stay in force; an error ends the reload
 * alone.
 *
 *	none ──asked──▶ reading ──all is read──▶ starting ──ready──▶ yielding
 *	  ▲                │ wrong                  │ ended, late       │
 *	  └────────────────┴────────────────────────┴───────────────────┘
 *
 * This module has the state of a reload and the steps of each phase.
 * server_reload.c and server_generation.c decide when a step is due.
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
	RELOAD_READING,	 /* the loader runs */
	RELOAD_STARTING, /* a generation of the next inputs starts */
	RELOAD_YIELDING	 /* it serves; the one before has yet to send
					   PROTOCOL_DRAINS */
};

enum reload_event {
	RELOAD_CONTINUES,
	RELOAD_HAS_READ, /* call reload_open next */
	RELOAD_HAS_FAILED
};

/* A longer list of listeners is cut. */
#define RELOAD_CHANGES_BYTES 512

struct reload {
	enum reload_phase phase;
	bool again;	  /* another one is asked for */
	bool is_start;	  /* it is the first start */
	bool has_failed;  /* the last reload */
	int64_t began_ms; /* of clock_ms */
	int64_t ended;	  /* seconds since 1970; 0: none has */
	struct loader loader;
	struct generation_inputs next;
	uint64_t generation; /* the one that starts from next */
	uint64_t before;     /* the one that it replaces; 0: none */
	char changes[RELOAD_CHANGES_BYTES]; /* what is other now, for people */
	int64_t yield_ms; /* end of RELOAD_YIELDING, of clock_ms;
					   INT64_MAX: it has no end */
};

#define RELOAD_INITIAL \
	((struct reload){ .loader = LOADER_NONE, \
	    .next = GENERATION_INPUTS_NONE, \
	    .yield_ms = INT64_MAX })

/* Starts the loader. Clients that wait for the next reload wait for this one.
 * False: it has failed, and the clients were told why. */
bool reload_begin(struct reload *reload, const struct command *command,
    struct control *control);

/* Takes a message of the loader, or finds that its time is over; tells clients.
 * */
enum reload_event reload_receive(struct reload *reload,
    struct control *control);

/* Opens the logs and listeners that the new snapshot names, for the next
 * inputs. Listeners of now, the inputs in force, are used again. False after
 * logging. */
bool reload_open(struct reload *reload, const struct generation_inputs *now,
    struct activation *passed, enum log_style style);

/* A generation of that number starts from the next inputs; whether it does. */
void reload_start(struct reload *reload, uint64_t generation);
bool reload_is_starting(const struct reload *reload, uint64_t generation);

/* Writes what is other than with the inputs before: r->changes. Call it before
 * reload_yield. */
void reload_describe(struct reload *reload,
    const struct generation_inputs *before, uint64_t generation_before);

/* The new generation serves; returns its inputs, which the caller owns. The
 * reload is yielding until the generation before (0: none) has sent
 * PROTOCOL_DRAINS: that one may still accept clients. */
struct generation_inputs reload_yield(struct reload *reload, uint64_t before);
bool reload_is_yielding(const struct reload *reload, uint64_t before);

/* Ends the loader; closes the next inputs, except listeners that are in now or
 * were passed. */
void reload_drop(struct reload *reload, const struct generation_inputs *now,
    const struct activation *passed);

/* Ends the reload; tells clients the status. ended: seconds since 1970; 0: it
 * was the first start. */
void reload_end(struct reload *reload, struct control *control, int status,
    int64_t ended);

#endif
