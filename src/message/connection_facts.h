/*
 * The facts of a connection: what the next process that serves the connection
 * cannot find out itself. It has them from the generation, or from the statement
 * of the process before (statement.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_CONNECTION_FACTS_H
#define PRONG_MESSAGE_CONNECTION_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

struct connection_facts {
	uint64_t requests;     /* served so far */
	struct address client; /* from a trusted proxy's header, if any */
	struct address server; /* length 0: not known yet */
	bool secure;	       /* the scheme is https */
	bool from_proxy;       /* the peer is a trusted proxy */
	uint64_t id[2];	       /* random, for ids (request_id.h); 0: none yet */
};

#endif
