/*
 * The counts as JSON, for programs.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_JSON_H
#define STATUS_JSON_H

struct counts;
struct prong_request;

/* Appends counts and connections to the response: 0, or -1 when the client has
 * gone. */
int json_write(struct prong_request *request, const struct counts *counts);

#endif
