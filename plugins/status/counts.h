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

struct counts {
	int64_t now;	 /* seconds since 1970 */
	bool is_counted; /* false: server is not set */
	struct prong_server_stats server;
};

/* Seconds since a time; 0 when the time is in the future or not known. */
static inline int64_t
counts_age(const struct counts *counts, int64_t since)
{
	return since > 0 && since < counts->now ? counts->now - since : 0;
}

#endif
