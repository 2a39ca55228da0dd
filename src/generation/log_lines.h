/*
 * Log lines: what the log process makes of the records in the rings. A record
 * may be a lie of its writer. Each becomes one line of printable octets; process
 * and client in it are those that the generation knows.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_LOG_LINES_H
#define PRONG_GENERATION_LOG_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/logline.h"
#include "base/ratelimit.h"

struct rings_dropped;
struct rings_facts;

struct log_lines {
	int access_log; /* -1: none */
	struct logline access;
	const char *format; /* of the access log */
	struct rings_dropped *dropped;
	struct ratelimit lies;
};

void log_lines_init(struct log_lines *lines, int access_log, const char *format,
    struct rings_dropped *dropped);

/* Writes the records in a copy of a connection's ring, and in one of the
 * generation's. */
void log_lines_write(struct log_lines *lines, const struct rings_facts *facts,
    const char *octets, size_t length);
void log_lines_write_own(struct log_lines *lines, const char *octets,
    size_t length, long pid);

/* Writes that the ring of that process is damaged. */
void log_lines_write_damage(struct log_lines *lines, long pid);

#endif
