/*
 * Penalties: a client whose connections crash handlers is refused for a while,
 * and for twice as long with every further crash. All processes of a forking
 * server share one address layout, so a client that may crash them without
 * limit can guess the layout octet by octet. The table has a fixed size: when
 * there is no room, the entry closest to its end makes room.
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
#define PENALTY_MEMORY_MS (10 * 60 * 1000) /* after the last penalty */

struct penalties;

/* first_ms: length of the first penalty. NULL and errno. The memory is not
 * copied by a fork. */
struct penalties *penalties_new(int64_t first_ms);

/* A connection of that client has crashed. Returns the length of the penalty,
 * 0 for none. */
int64_t penalty_add(struct penalties *penalties, struct address_key client,
    int64_t now_ms);

/* Whether that client is refused now. */
bool penalty_applies(const struct penalties *penalties,
    struct address_key client, int64_t now_ms);

#endif
