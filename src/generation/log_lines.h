/*
 * Log lines: what the log process makes of the records in the rings. A record
 * may be a lie of its writer. Each becomes one line of printable octets; process
 * and client in it are those that the generation knows. The client is the record's
 * own only in a ring of which the generation says so (names_clients in rings.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_LOG_LINES_H
#define PRONG_GENERATION_LOG_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/logline.h"
#include "base/ratelimit.h"

struct log_format;
struct rings_dropped;
struct rings_facts;

/* Lines of the access log that are not written yet. */
#define LOG_LINES_BYTES ((size_t)32 * 1024)

struct log_lines {
	int access_log; /* -1: none */
	struct logline access;
	char octets[LOG_LINES_BYTES];
	size_t length;
	const struct configuration *configuration;
	const struct log_format *format; /* of the access log */
	struct rings_dropped *dropped;
	struct ratelimit lies;
};

void log_lines_init(struct log_lines *lines, int access_log,
    const struct configuration *configuration, struct rings_dropped *dropped);

/* Writes the records in a copy of a connection's ring, and in one of the
 * generation's. Lines of the access log may wait for log_lines_flush. */
void log_lines_write(struct log_lines *lines, const struct rings_facts *facts,
    const char *octets, size_t length);
void log_lines_write_own(struct log_lines *lines, const char *octets,
    size_t length, long pid);

/* Writes the lines that wait. */
void log_lines_flush(struct log_lines *lines);

/* Writes that the ring of that process is damaged. */
void log_lines_write_damage(struct log_lines *lines, long pid);

#endif
