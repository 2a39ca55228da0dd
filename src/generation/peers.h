/*
 * Peers: how many connections each client has open, by a key made of its
 * address (address_client_key). A table of fixed size, as large as there can
 * be connections.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_PEERS_H
#define PRONG_GENERATION_PEERS_H

#include <stddef.h>

#include "base/address.h"

struct peers;

/* For at most max clients at a time. Not passed on by fork. NULL and errno. */
struct peers *peers_new(size_t max);

/* How many connections that client has. */
size_t peers_count(const struct peers *peers, struct address_key key);

/* One more, one less. */
void peers_add(struct peers *peers, struct address_key key);
void peers_remove(struct peers *peers, struct address_key key);

#endif
