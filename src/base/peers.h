/*
 * Peers: the number of open connections of each client, by a key made of its
 * address (address_client_key). The table has a fixed size, made for the
 * largest number of connections.
 *
 * A table can lie in memory that other processes read meanwhile, or that a broken
 * one has filled: what is read there is a number that may be false, and nothing
 * else.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_PEERS_H
#define PRONG_BASE_PEERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

struct peers;
struct peers_entry;

/* For at most max clients at a time, in memory that a fork does not copy. NULL
 * and errno. */
struct peers *peers_new(size_t max);

/* The octets of a table for max clients; and one there, in memory of zeros,
 * aligned for 32-bit numbers. Tables of one seed agree. NULL and errno. */
size_t peers_bytes(size_t max);
struct peers *peers_at(void *memory, size_t max, uint64_t seed);

/* The number of connections of that client. */
size_t peers_count(const struct peers *peers, struct address_key key);

/* Walks over all clients: *cursor begins at 0. The number of connections of the
 * next client, and its *key; 0 after the last one. */
size_t peers_next(const struct peers *peers, size_t *cursor,
    struct address_key *key);

/* A connection of that client begins, or has ended. */
void peers_add(struct peers *peers, struct address_key key);
void peers_remove(struct peers *peers, struct address_key key);

#endif
