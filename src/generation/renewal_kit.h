/*
 * The kit of a generation with fresh routes: all that a process which is
 * executed afresh needs (connection/renewal.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_RENEWAL_KIT_H
#define PRONG_GENERATION_RENEWAL_KIT_H

#include <stddef.h>

struct configuration;
struct handover;
struct processes_facts;
struct renewal_kit;
struct renewal;
struct secrets;

/* Makes the kit from copies, before code of handlers runs in this process; if no
 * route is fresh, *kit becomes NULL. Descriptors are duplicated. 0, or -1 after
 * logging. */
int renewal_kit_make(struct renewal_kit **kit, const struct handover *handover,
    const struct configuration *configuration, const struct secrets *secrets);

struct renewal *renewal_kit_renewal(struct renewal_kit *kit);

/* When all other private descriptors are open: adds the memory of the generation
 * with so many slots, moves the descriptors of the kit above the others, and tries
 * to execute. 0, also if kit is NULL, or -1 after logging. */
int renewal_kit_arrange(struct renewal_kit *kit,
    const struct processes_facts *facts, size_t slots);

#endif
