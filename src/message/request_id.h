/*
 * The id of a request, by which logs, responses and handlers name it. A trusted
 * proxy can give it, in X-Request-Id or, as the trace-id, in traceparent (W3C
 * Trace Context). Otherwise it is made: 32 lower-case hexadecimal digits, which
 * have the form of a trace-id. Each connection has 128 random bits, to half of
 * which the number of the request is added. So an id costs nothing until
 * somebody asks for it, is the same each time, and stays the same when a
 * handler has the request moved to another process. Uses no memory but its own, and system
 * calls that a signal handler may make.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_REQUEST_ID_H
#define PRONG_MESSAGE_REQUEST_ID_H

#include <stdbool.h>

#include "base/slice.h"

struct channel;
struct http_head;

/* The longest id, with its NUL. */
#define REQUEST_ID_MAX	 64
#define REQUEST_ID_BYTES (REQUEST_ID_MAX + 1) /* SCOREBOARD_ID_BYTES */

/* Whether text is an id: [A-Za-z0-9._-]{1,64}. */
bool request_id_is_valid(struct slice text);

/* The trace-id in a value of traceparent; length 0: it is malformed. */
struct slice request_id_of_trace(struct slice traceparent);

/* Writes the id of the request that the channel has now, with that head. Returns
 * out. */
const char *request_id_write(struct channel *channel,
    const struct http_head *head, char out[REQUEST_ID_BYTES]);

#endif
