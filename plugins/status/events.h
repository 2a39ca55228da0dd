/*
 * Live updates of the page, as server-sent events (HTML, 9.2).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_EVENTS_H
#define STATUS_EVENTS_H

struct counts;
struct prong_request;

/* Sends what changes of the page, again and again, until the client has gone or the
 * process is to end; then the client connects again. When there are EVENTS_MAX streams,
 * and where slots are reserved, the status is 204, by which the client knows that it
 * has to ask now and then instead. */
void events_send(struct prong_request *request, struct counts *counts);

#define EVENTS_MAX 8

#endif
