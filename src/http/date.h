/*
 * HTTP dates (RFC 9110 5.6.7), in seconds since 1970. No libc time function:
 * no locale, no zone, 64 bits.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HTTP_DATE_H
#define PRONG_HTTP_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

#define DATE_BYTES 30 /* with NUL */

/* Writes an IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT". A time outside the
 * years 0 to 9999 is written as the nearest inside. */
void date_format(int64_t seconds, char out[DATE_BYTES]);

/*
 * Reads any of the three formats, exactly as written there, letters in their
 * case; the name of the day need not fit the date. now decides the century of
 * an RFC 850 date: the latest that is not more than 50 years ahead. False when
 * it is no date.
 */
bool date_parse(struct slice text, int64_t now, int64_t *seconds);

#endif
