/*
 * The lines of the access log that no connection writes: of those that are refused
 * unread, and of requests whose process has ended in a handler.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_ACCESS_H
#define PRONG_CONNECTION_ACCESS_H

#include <stddef.h>
#include <stdint.h>

struct address;
struct configuration;
struct scoreboard_request;

struct access {
	const struct configuration *configuration; /* NULL: no access log */
	int64_t second_ms;			   /* of the count */
	size_t refused;				   /* in that second */
	size_t unrecorded; /* refused ones that have no line */
};

/* Nobody has read the request of a client that gets a 503. More than a hundred in
 * a second have no line; access_sweep logs their number, and returns the time of
 * its next call (clock_ms), INT64_MAX for none. */
void access_refuse(struct access *access, const struct address *client,
    uint64_t bytes);
int64_t access_sweep(struct access *access);

/* The request is as the process has claimed it. */
void access_end(const struct access *access, const struct address *client,
    const struct scoreboard_request *request, int status);

/* The place of its method in tables (methods.h). */
size_t access_method(const struct scoreboard_request *request);

#endif
