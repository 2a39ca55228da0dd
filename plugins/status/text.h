/*
 * The counts as text, for people.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_TEXT_H
#define STATUS_TEXT_H

struct counts;
struct prong_request;

/* Appends counts and connections to the response: 0, or -1 when the client has
 * gone. */
int text_write(struct prong_request *request, const struct counts *counts);

#endif
