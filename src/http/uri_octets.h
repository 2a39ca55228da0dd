/*
 * What octets are in a URI (RFC 3986 2). For the files of uri.h alone.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HTTP_URI_OCTETS_H
#define PRONG_HTTP_URI_OCTETS_H

#include <stdbool.h>

#include "base/slice.h"

/* What an octet may stand in, unencoded; "%" is looked at apart. */
#define URI_REG_NAME 1u /* unreserved, sub-delims */
#define URI_PATH     2u /* pchar, "/", and what browsers send */
#define URI_QUERY    4u /* the same for a query */

bool uri_may_hold(char octet, unsigned what);

bool uri_is_digit(char octet);

/* -1 when it is no hex digit. */
int uri_hex_value(char octet);

/* The octet that "%XX" at the beginning of text stands for, or -1. */
int uri_decode_triplet(struct slice text);

#endif
