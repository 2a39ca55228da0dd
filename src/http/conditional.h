/*
 * Conditional requests (RFC 9110 13), evaluated in the order of 13.2.2.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HTTP_CONDITIONAL_H
#define PRONG_HTTP_CONDITIONAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "http/fields.h"

enum conditional_verdict {
	CONDITIONAL_PROCEED,
	CONDITIONAL_NOT_MODIFIED, /* 304 */
	CONDITIONAL_FAILED	  /* 412 */
};

/* Validators of the selected representation. */
struct conditional_validators {
	const char *etag; /* as in ETag: "\"x\"", "W/\"x\""; NULL: none */
	bool has_last_modified;
	int64_t last_modified; /* seconds since 1970 */
};

/*
 * Evaluates the preconditions of a request. Call it only when the response
 * without conditions would be a 2xx (13.2.1), that is, for a current
 * representation. now is the current time. A field is ignored, as the RFC
 * requires, when it is malformed, repeated although it has one value, or not
 * for this method.
 */
enum conditional_verdict conditional_check(struct slice method,
    const struct http_field *fields, size_t count,
    const struct conditional_validators *validators, int64_t now);

/* Whether Range applies: to a GET with one Range, whose If-Range, if any,
 * equals the current validator, a strong one (13.1.5). Call it after
 * CONDITIONAL_PROCEED. */
bool conditional_range_applies(struct slice method,
    const struct http_field *fields, size_t count,
    const struct conditional_validators *validators, int64_t now);

#endif
