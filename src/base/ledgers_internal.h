/*
 * Shared by the parts of ledgers only: ledgers.c (memory and counts) and
 * ledgers_parcels.c (what goes from one process to another).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_LEDGERS_INTERNAL_H
#define PRONG_BASE_LEDGERS_INTERNAL_H

#include "base/ledgers.h"

#include <stddef.h>
#include <stdint.h>

#include "base/shared_memory.h"

struct peers;

struct ledger_head {
	uint64_t connections; /* now */
	uint64_t used_rows;
	uint64_t put_parcels;	/* so far, by the worker */
	uint64_t taken_parcels; /* so far, by the generation */
	uint64_t passed;	/* so far, by the generation */
	uint64_t received;	/* so far, by the worker */
	uint64_t begun;		/* likewise: loans (loans.h) */
	struct ledger_parcel parcels[LEDGERS_PARCELS];
};

/* How a process reaches a ledger. */
struct ledger_view {
	struct ledger_head *head;
	struct peers *clients, *networks;
	struct ledger_row *rows;
};

struct ledgers {
	size_t count; /* with tables; the generation's is one of them */
	size_t all;   /* with the small ones */
	size_t connections;
	size_t whole, small; /* octets of each */
	struct shared_memory memory;
	/* What the generation has taken so far: not read from shared memory. */
	uint64_t *taken;
	uint64_t *passed;		 /* likewise */
	struct ledger_view *own, *shown; /* of each ledger */
};

#endif
