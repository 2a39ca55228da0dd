/*
 * From a request to its response: checks whether the client may ask, finds the
 * route, asks its handlers one after the other, and finishes the response.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_DISPATCH_H
#define PRONG_CONNECTION_DISPATCH_H

struct request;
struct route;
struct sandbox;

/* The rules that this process keeps to, from the first request on. */
struct confinement {
	const struct sandbox *sandbox; /* NULL: none */
	const struct route *route;     /* whose rules hold; NULL: none yet */
};

/* Answers a request whose head is well-formed. request->moves_on is set instead
 * when its route has other rules than those that hold. */
void dispatch_request(struct request *request, struct confinement *confinement);

/* Answers with a page of that status and lets the connection end; reason is
 * for the log. */
void dispatch_refusal(struct request *request, int status, const char *reason);

#endif
