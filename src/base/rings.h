/*
 * The rings of a generation, by which its processes reach its log process: one
 * for each slot of the scoreboard, and a larger one of the generation's own. A
 * connection can write its own ring, and read positions and the state of the log
 * process. The rest of this memory it does not have, nor any descriptor of it.
 *
 * Two processes read: the log process all rings, and the generation that of a
 * connection which has ended, before the slot is used again. Who moves the
 * position of a ring first has read.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_RINGS_H
#define PRONG_BASE_RINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/address.h"
#include "base/ring.h"

/* Of memory for a slot, which is used page by page. */
#define RINGS_SLOT_BYTES (16 * 1024)

enum rings_kind {
	RINGS_ERROR,  /* text of the error log, at a level */
	RINGS_ACCESS, /* a line of the access log, without its LF */
	RINGS_FRAME,  /* of a backtrace */
	RINGS_STDERR, /* what a handler wrote to standard error */
	RINGS_ENDED,  /* only of the generation: facts, then a ring's octets */
	RINGS_COMPLAINT /* numbers (connection/complaint.h) */
};

/* What the generation knows of the process that writes a ring. */
struct rings_facts {
	int64_t pid;	/* 0: none */
	uint64_t begun; /* where it has to begin in the ring */
	/* The records name their clients, and are believed: the process knows
	 * its client by a proxy's header, or serves many. */
	bool names_clients;
	/* It writes no more. Its lines stay until the log process has them, or
	 * until the next process of the slot begins. */
	bool has_ended;
	struct address client;
};

/* How the log process waits. */
enum rings_state {
	RINGS_BUSY,   /* looks again within a few milliseconds */
	RINGS_PAUSES, /* looks again within some 25 ms */
	RINGS_TICKS,  /* looks again within 100 ms */
	RINGS_ASLEEP  /* until it is woken */
};

struct rings;

/* Lines that were dropped, by one of the processes that read. */
struct rings_dropped {
	uint64_t access_lines, error_lines;
	int64_t access_error; /* errno of the last */
};

/* In the generation, once. The first slots, so many
 * as large says, have rings of 1 MiB, for processes
 * that serve many clients. *control_descriptor becomes one for rings_resume,
 * unless control_descriptor is NULL. NULL and errno. */
struct rings *rings_new(size_t slots, size_t large, int *control_descriptor);

/* In a process executed afresh: the rings of so many slots, of which it has
 * one. The caller closes both descriptors. NULL and errno. */
struct rings *rings_resume(size_t slots, size_t large, size_t slot,
    int descriptor, int control_descriptor);

/* The descriptor of their memory. The generation moves it among its private
 * ones. */
int *rings_descriptor(struct rings *rings);

/*
 * In the generation. rings_begin empties the ring of a slot for the next process,
 * which the next forks inherit: 0, or -1 and errno.
 * rings_started tells the facts of the process that was forked. rings_end passes
 * on what the ring of an ended process still has; if many end at once it stays there
 * for the log process.
 */
int rings_begin(struct rings *rings, size_t slot);
/* The next forks do not inherit the ring any more. 0, or -1 and errno. */
int rings_withdraw(struct rings *rings, size_t slot);
void rings_started(struct rings *rings, size_t slot,
    const struct rings_facts *facts);
void rings_end(struct rings *rings, size_t slot);

/* Around the fork of the log process, which inherits all rings. 0, or -1 and
 * errno. */
int rings_share(struct rings *rings, bool all);

/* Where a connection writes, and where it has to begin; where the generation
 * does. */
struct ring_place rings_place(const struct rings *rings, size_t slot,
    uint64_t *read);
struct ring_place rings_own_place(const struct rings *rings);
size_t rings_own_slot(const struct rings *rings);

/* How far the ring of a slot is read. Usable in connections. */
uint64_t rings_read(const struct rings *rings, size_t slot);

/* Wakes the log process if it waits at least so. It cannot be made to look more
 * often than it wants. Usable in connections; async-signal-safe. */
void rings_wake(const struct rings *rings, enum rings_state state);

/* In the log process: says how it waits; waits, at most timeout_ms or until a
 * signal. */
void rings_set_state(struct rings *rings, enum rings_state state);
void rings_wait(struct rings *rings, enum rings_state state, int timeout_ms);

/* In the log process. Copies what a slot has not been read of and moves the
 * position. Returns the octets, 0 for none; *facts are those of the writer, and
 * RING_DAMAGED is returned once for a ring that its writer has damaged. */
size_t rings_take(struct rings *rings, size_t slot, char *copy,
    struct rings_facts *facts);
size_t rings_take_own(struct rings *rings, char *copy);
size_t rings_own_bytes(void);
bool rings_own_pending(const struct rings *rings);

/* The log process gives a sign of life, and the generation reads the number of
 * these. */
void rings_beat(struct rings *rings);
uint64_t rings_beats(const struct rings *rings);

/* The process that may write in that slot, 0 for none. */
int64_t rings_pid(const struct rings *rings, size_t slot);
/* Slots that have ever had a process are below. */
size_t rings_slots(const struct rings *rings);

/* The counts of the log process, and of the generation. Each writes its own. */
struct rings_dropped *rings_dropped_by_log(struct rings *rings);

/* The sum. Usable in connections; zeros in a process without rings. */
struct rings_dropped rings_dropped(void);

#endif
