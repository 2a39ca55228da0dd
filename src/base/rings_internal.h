/*
 * Shared by the parts of the rings only:
 *
 *	rings.c		makes them, and wakes who reads them
 *	rings_slots.c	begins and ends processes, takes their lines
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_RINGS_INTERNAL_H
#define PRONG_BASE_RINGS_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/rings.h"
#include "base/shared_memory.h"

#define RINGS_OWN_BYTES ((size_t)1 << 20)

struct rings_control {
	uint32_t state; /* enum rings_state; the futex */
	uint32_t used;	/* slots below have had a process */
	uint64_t beats; /* of the log process */
	struct rings_dropped by_log, by_generation;
	uint64_t read[]; /* of each slot, and the generation's own */
};

struct rings {
	size_t slots, large; /* the first ones are large */
	size_t control_bytes, bytes;
	struct shared_memory control; /* all of it is shown */
	struct shared_memory memory;  /* the rings, facts; lasting */
	char *scratch;		      /* a record of an ended connection */
	void **passed_on;	      /* the ring that a fork inherits */
};

static inline struct rings_control *
rings_control(const struct rings *r)
{
	return (struct rings_control *)(void *)r->control.own;
}

static inline const struct rings_control *
rings_shown(const struct rings *r)
{
	return (const struct rings_control *)(const void *)r->control.shown;
}

static inline size_t
rings_facts_offset(const struct rings *r)
{
	return (r->slots - r->large) * RINGS_SLOT_BYTES +
	    (r->large + 1) * RINGS_OWN_BYTES;
}

static inline struct rings_facts *
rings_facts_of(const struct rings *r, size_t slot)
{
	return (struct rings_facts *)(void *)(r->memory.own +
		   rings_facts_offset(r)) +
	    slot;
}

/* The generation's own ring is large, too. */
static inline size_t
rings_bytes_of(const struct rings *r, size_t slot)
{
	return slot < r->large || slot == r->slots ? RINGS_OWN_BYTES :
						     RINGS_SLOT_BYTES;
}

static inline size_t
rings_offset_of(const struct rings *r, size_t slot)
{
	const size_t large = slot < r->large ? slot : r->large;

	return large * RINGS_OWN_BYTES + (slot - large) * RINGS_SLOT_BYTES;
}

static inline unsigned char *
rings_memory_of(const struct rings *r, size_t slot)
{
	return r->memory.own + rings_offset_of(r, slot);
}

/* Of a record that the generation makes of an ended process's ring. */
static inline size_t
rings_ended_bytes(const struct rings *r)
{
	return sizeof(struct rings_facts) +
	    (r->large > 0 ? RINGS_OWN_BYTES : RINGS_SLOT_BYTES);
}

static inline struct ring_place
rings_place_of(const struct rings *r, size_t slot)
{
	return (struct ring_place){ (struct ring *)(void *)rings_memory_of(r,
					slot),
		rings_bytes_of(r, slot) - sizeof(struct ring) };
}

#endif
