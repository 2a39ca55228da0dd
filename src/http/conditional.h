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

/* What the selected representation has. */
struct conditional_validators {
	const char *etag; /* as sent in ETag: "\"x\"", "W/\"x\"";
					   NULL when there is none */
	bool has_last_modified;
	int64_t last_modified; /* seconds since 1970 */
};

/*
 * To be asked when the response without conditions would be a 2xx (13.2.1):
 * that is, there is a current representation. now is the current time. Fields that
 * are malformed, repeated where one value is wanted, or not for this method
 * are ignored as the RFC says.
 */
enum conditional_verdict conditional_check(struct slice method,
    const struct http_field *fields, size_t count,
    const struct conditional_validators *validators, int64_t now);

/* Whether Range applies: a GET with one Range, and If-Range, if there is one,
 * is the very validator, a strong one (13.1.5). To be asked after
 * CONDITIONAL_PROCEED. */
bool conditional_range_applies(struct slice method,
    const struct http_field *fields, size_t count,
    const struct conditional_validators *validators, int64_t now);

#endif
