/*
 * The options of the handler, and what they hide of the requests of clients.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_OPTIONS_H
#define STATUS_OPTIONS_H

#include <stdint.h>

#include <prong/handler.h>

struct options {
	int32_t queries; /* shows them */
	int32_t targets; /* shows paths */
};

extern const struct prong_option options_table[];

/* Replaces what is hidden in the line of a request, "GET /a?b HTTP/1.1", by "...".
 * size: of the memory of line. The line may be cut at its end. */
void options_hide(const struct options *options, char *line, uint64_t size);

/* As prong_connection_stats, with requests as the options show them. */
int options_next_connection(const struct options *options,
    struct prong_request *request, uint64_t *cursor,
    struct prong_connection_stats *stats);

/* As prong_handler_stats, likewise. */
int options_next_handler(const struct options *options,
    struct prong_request *request, uint64_t *cursor,
    struct prong_handler_stats *stats);

#endif
