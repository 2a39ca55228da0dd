/*
 * The conclusion of a request: by the result of a handler, by a page of the
 * server's own, or by a fault of the body. Each sends the response as far as it
 * is not sent.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_CONCLUSION_H
#define PRONG_CONNECTION_CONCLUSION_H

struct request;

/* By what handle() of a handler has returned, other than PRONG_DECLINED. */
void conclusion_by_handler(struct request *request, int result);

/* By the fault of the body, which could not be read (body.failure or
 * body.client_gone). The result of the handler does not count. */
void conclusion_by_body(struct request *request);

/* By a handler that does what the contract forbids: logged, and 500, or a cut if
 * the response has begun. */
void conclusion_by_misuse(struct request *request, const char *what);

/* By a handler that took longer than request->exceeded permits: logged, and 503, or
 * a cut if the response has begun. */
void conclusion_by_limit(struct request *request);

/* By a page of the server for that status. */
void conclusion_by_page(struct request *request, int status);

/* By the response as it is. */
void conclusion_as_it_is(struct request *request);

/* Logs why a request is refused with that status. */
void conclusion_log_refusal(const struct request *request, int status,
    const char *reason);

#endif
