/*
 * What static keeps in the process of a connection, from one request to the
 * next.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATIC_STATE_H
#define STATIC_STATE_H

#include "static/cache.h"
#include "static/validators.h"

struct static_state {
	struct cache cache;
	struct validators_digests digests;
};

#endif
