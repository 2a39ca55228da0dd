/*
 * HTTP dates (RFC 9110 5.6.7), in seconds since 1970, of 64 bits. No function
 * of libc is used, so neither the locale nor the time zone matters.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HTTP_DATE_H
#define PRONG_HTTP_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

#define DATE_BYTES 30 /* with NUL */

/* Writes an IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT". A time outside of the
 * years 0 to 9999 is written as the nearest time in them. */
void date_format(int64_t seconds, char out[DATE_BYTES]);

/*
 * Reads a date in one of the three formats of the RFC; the case of letters
 * counts, but the name of the day need not fit the date. An RFC 850 date is in
 * the latest century that puts it at most 50 years after now. False for any
 * other text.
 */
bool date_parse(struct slice text, int64_t now, int64_t *seconds);

#endif
