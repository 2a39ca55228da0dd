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
	RANGES_IGNORE,	     /* respond with the whole */
	RANGES_SATISFIABLE,  /* 206 with out[0..*count - 1] */
	RANGES_UNSATISFIABLE /* 416 */
};

/*
 * Reads the value of Range for a representation of that length. Ranges that
 * overlap or touch are made one (RFC 9110 15.3.7.2), which stands where the
 * first of them stood; so they never add up to more than the length. Another
 * unit, a wrong syntax, or more than max ranges in the request: ignored. out
 * has room for max; *count is set when satisfiable.
 */
enum ranges_verdict ranges_parse(struct slice value, uint64_t length,
    struct range *out, size_t max, size_t *count);

#endif
