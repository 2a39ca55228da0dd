/*
 * What JSON has of each handler, and of all requests together.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_JSON_HANDLERS_H
#define STATUS_JSON_HANDLERS_H

struct prong_request;

/* Appends the members "latency", "crashes", "handlers" and "routes", each with a
 * comma behind it: 0, or -1 when the client has gone. */
int json_handlers_write(struct prong_request *request);

#endif
