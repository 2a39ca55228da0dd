/*
 * Complaints about handlers: a status that they answer with demands a field
 * that the response lacks. Each is logged once for a handler and a status, and
 * not for every request: the log process knows what has been said. A connection
 * tells it the handler and the status by numbers, so the text is not its own.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_COMPLAINT_H
#define PRONG_CONNECTION_COMPLAINT_H

#include <stdbool.h>
#include <stddef.h>

struct configuration;
struct request;

/* In the connection, before the response is sent with that status. */
void complaint_check(const struct request *request, int status);

/* In the log process: the line of a record that a connection has put, cut to
 * size octets. False: it was said before, or there is no such complaint. */
bool complaint_take(const struct configuration *configuration,
    const char *record, size_t length, char *text, size_t size);

#endif
