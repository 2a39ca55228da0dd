/*
 * Penalties: a client whose connections crash handlers is refused for a while,
 * and for twice as long with every crash more. A forking server keeps one
 * address layout for all its processes, so that whoever may crash them without
 * end can guess it octet by octet. A table of fixed size: when it is full, the
 * client that is closest to being forgotten makes room.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_PENALTY_H
#define PRONG_GENERATION_PENALTY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

#define PENALTY_CLIENTS	  1024
#define PENALTY_FREE	  2 /* crashes before the first penalty */
#define PENALTY_MAX_MS	  (10 * 60 * 1000)
#define PENALTY_MEMORY_MS (10 * 60 * 1000) /* after the last */

struct penalties;

/* first_ms: the first penalty's length. NULL and errno. Not passed on by
 * fork. */
struct penalties *penalties_new(int64_t first_ms);

/* A connection of that client has crashed. Returns for how long it is refused
 * now, 0 for not at all. */
int64_t penalty_add(struct penalties *penalties, struct address_key client,
    int64_t now_ms);

/* Whether it is being refused. */
bool penalty_applies(const struct penalties *penalties,
    struct address_key client, int64_t now_ms);

#endif
