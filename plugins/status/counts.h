/*
 * The counts of the server, gathered once for a response, as text or JSON.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_COUNTS_H
#define STATUS_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include <prong/handler.h>

struct options;

struct counts {
	const struct options *options;
	bool is_counted; /* false: server is not set */
	struct prong_server_stats server;
};

#endif
