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

/* A second of the proleptic Gregorian calendar, in UTC. */
struct date {
	int64_t year; /* 0 to 9999 */
	int month;    /* 1 to 12 */
	int day, hour, minute, second;
	int weekday; /* 0: Sunday */
};

/* A time outside of the years 0 to 9999 becomes the nearest time in them. */
void date_from_seconds(int64_t seconds, struct date *date);

/* The English name of a month from 1 to 12, of three letters; without NUL. */
const char *date_month(int month);

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
