/*
 * Octets of a URI (RFC 3986 2). Only for the files of uri.h.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HTTP_URI_OCTETS_H
#define PRONG_HTTP_URI_OCTETS_H

#include <stdbool.h>

#include "base/slice.h"

/* Parts of a URI that can contain an octet unencoded; "%" is not among the
 * octets. */
#define URI_REG_NAME 1u /* unreserved, sub-delims */
#define URI_PATH     2u /* pchar, "/", and some more: see uri.h */
#define URI_QUERY    4u /* the same for a query */

bool uri_may_hold(char octet, unsigned what);

bool uri_is_digit(char octet);

/* The value of a hex digit; -1 for another octet. */
int uri_hex_value(char octet);

/* The octet of "%XX" at the beginning of text; -1 for any other text. */
int uri_decode_triplet(struct slice text);

#endif
