/*
 * What the server does now, gathered once for an answer and written in one of
 * several forms.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_H
#define STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include <prong/handler.h>

struct status {
	int64_t now;	 /* seconds since 1970 */
	bool is_counted; /* false: server is empty */
	struct prong_server_stats server;
};

/* Append to the answer, connections included: 0, or -1 when the client has
 * gone. */
int status_write_text(struct prong_request *request,
    const struct status *status);
int status_write_json(struct prong_request *request,
    const struct status *status);

/* Seconds since a time; 0 when that is in the future or not known. */
static inline int64_t
status_age(const struct status *status, int64_t since)
{
	return since > 0 && since < status->now ? status->now - since : 0;
}

#endif
