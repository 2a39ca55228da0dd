/*
 * Byte ranges (RFC 9110 14).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HTTP_RANGES_H
#define PRONG_HTTP_RANGES_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct range {
	uint64_t first, last; /* both included; last < length */
};

enum ranges_verdict {
	RANGES_IGNORE,	     /* send the whole representation */
	RANGES_SATISFIABLE,  /* 206 with out[0..*count - 1] */
	RANGES_UNSATISFIABLE /* 416 */
};

/*
 * Reads the value of Range for a representation of that length. Ranges that
 * overlap or touch are merged (RFC 9110 15.3.7.2) at the place of the first
 * one, so the sum of all ranges is at most the length. RANGES_IGNORE for a
 * length of 0, another unit, wrong syntax, or more than max ranges in the
 * request. out has room for max; *count is set for RANGES_SATISFIABLE.
 */
enum ranges_verdict ranges_parse(struct slice value, uint64_t length,
    struct range *out, size_t max, size_t *count);

#endif
