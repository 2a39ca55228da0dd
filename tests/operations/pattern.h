/*
 * Content that can be computed: lines that say whose they are and where they
 * stand, "build 7 line 00000012". Written and checked piece by piece. Pure.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef OPERATIONS_PATTERN_H
#define OPERATIONS_PATTERN_H

#include <stddef.h>

#define PATTERN_OWNER_BYTES 200

struct pattern {
	char line[PATTERN_OWNER_BYTES + 32];
	size_t owner_length, length;
	size_t at; /* in the line, of what comes next */
};

enum pattern_verdict {
	PATTERN_SAME,
	PATTERN_DIFFERENT,
	PATTERN_OTHER_OWNER /* "build 8" where "build 7" is due */
};

/* What is longer than PATTERN_OWNER_BYTES is cut. */
void pattern_begin(struct pattern *pattern, const char *owner);

void pattern_write(struct pattern *pattern, char *out, size_t length);

enum pattern_verdict pattern_check(struct pattern *pattern, const char *data,
    size_t length);

#endif
