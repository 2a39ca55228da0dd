/*
 * The porter of a test, and what workers send by it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef FIXTURE_H
#define FIXTURE_H

#include <stddef.h>

#include "connection/connection.h"
#include "generation/porter.h"

/* Above it the porter's descriptors have their numbers in the test. */
#define FIXTURE_PRIVATE 100

#define FIXTURE_BYTES	((size_t)1 << 20)

extern struct porter *porter;

/* Octets for parcels: each position can be told from its neighbours. */
extern char sent[FIXTURE_BYTES];

/* Starts the porter, as porter_start. */
void fixture_setup(size_t connections, const struct porter_workers *workers);

/* The porter ends as soon as nobody has the other end. */
void fixture_teardown(void);

/* Of a connection that is secure and has had seven requests. */
struct connection_facts fixture_facts(void);

#endif
