/*
 * From a request to its response: finds site and route, checks whether their
 * policy allows the client, calls the handlers one after the other, and
 * finishes the response.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_DISPATCH_H
#define PRONG_CONNECTION_DISPATCH_H

struct confinement;
struct last_words;
struct request;

/* Responds to a request with a well-formed head. Sets request->moves_on instead
 * when the request's route has other rules than those in force. words: of the
 * connection, for its handlers (crash_handler.h). */
void dispatch_request(struct request *request, struct confinement *confinement,
    struct last_words *words);

/* Responds with the page of a status and lets the connection end; reason is
 * for the log. */
void dispatch_refusal(struct request *request, int status, const char *reason);

#endif
