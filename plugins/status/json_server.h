/*
 * What JSON has of generations, reloads, processes with many clients, and the last
 * minutes.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_JSON_SERVER_H
#define STATUS_JSON_SERVER_H

struct prong_request;

/* Appends the members "generations", "last_reload", "reloads", "processes" and
 * "history", each with a comma behind it: 0, or -1 when the client has gone. */
int json_server_write(struct prong_request *request);

#endif
