/*
 * The facts of a connection: all that the process which serves it next must be
 * told, since it cannot find it out. They go from process to process as they
 * are (handoff.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_CONNECTION_FACTS_H
#define PRONG_MESSAGE_CONNECTION_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

struct connection_facts {
	uint64_t requests;     /* answered so far */
	struct address client; /* the one that a trusted proxy named, if any */
	struct address server; /* length 0: the socket is not asked yet */
	bool secure;	       /* the scheme is https */
};

#endif
