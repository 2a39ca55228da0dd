/*
 * From a request to its answer: checks who may ask, finds the route, asks its
 * handlers one after the other, and finishes the answer.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_DISPATCH_H
#define PRONG_CONNECTION_DISPATCH_H

struct request;

/* Answers a request whose head is well-formed. */
void dispatch_request(struct request *request);

/* Answers with a page of that status and lets the connection end; reason is
 * for the log. */
void dispatch_refusal(struct request *request, int status, const char *reason);

#endif
