/* SPDX-License-Identifier: ISC */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "status/amount.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define UNKNOWN "\xe2\x80\x93" /* an en dash */

static const char *
unknown(char out[AMOUNT_BYTES])
{
	return strcpy(out, UNKNOWN);
}

const char *
amount_count(char out[AMOUNT_BYTES], int64_t count)
{
	char digits[AMOUNT_BYTES];
	size_t length, i;
	char *at = out;

	if (count < 0)
		return unknown(out);
	length = (size_t)snprintf(digits, sizeof(digits), "%" PRId64, count);
	for (i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			*at++ = ',';
		*at++ = digits[i];
	}
	*at = '\0';
	return out;
}

const char *
amount_rate(char out[AMOUNT_BYTES], double rate)
{
	if (rate < 0)
		return unknown(out);
	if (rate == 0 || rate >= 9.95)
		return amount_count(out,
		    rate < 1e15 ? (int64_t)(rate + .5) : (int64_t)1e15);
	snprintf(out, AMOUNT_BYTES, "%.2g", rate);
	return out;
}

const char *
amount_age(char out[AMOUNT_BYTES], int64_t seconds)
{
	if (seconds < 0)
		return unknown(out);
	if (seconds < 60)
		snprintf(out, AMOUNT_BYTES, "%" PRId64 " s", seconds);
	else if (seconds < 3600)
		snprintf(out, AMOUNT_BYTES, "%" PRId64 " min %02" PRId64 " s",
		    seconds / 60, seconds % 60);
	else if (seconds < 86400)
		snprintf(out, AMOUNT_BYTES, "%" PRId64 " h %02" PRId64 " min",
		    seconds / 3600, seconds / 60 % 60);
	else
		snprintf(out, AMOUNT_BYTES, "%" PRId64 " d %02" PRId64 " h",
		    seconds / 86400, seconds / 3600 % 24);
	return out;
}

const char *
amount_latency(char out[AMOUNT_BYTES], double seconds)
{
	const double ms = seconds * 1000;

	if (seconds < 0)
		return unknown(out);
	if (ms < 9.995)
		snprintf(out, AMOUNT_BYTES, "%.2f ms", ms);
	else if (ms < 999.5)
		snprintf(out, AMOUNT_BYTES, "%.0f ms", ms);
	else
		snprintf(out, AMOUNT_BYTES, "%.1f s",
		    seconds < 1e9 ? seconds : 1e9);
	return out;
}

const char *
amount_octets(char out[AMOUNT_BYTES], int64_t octets)
{
	static const char units[] = "KMGTPE";
	double amount = (double)octets;
	int unit = -1;

	if (octets < 0)
		return unknown(out);
	while (amount >= 999.5 && unit < 5) {
		amount /= 1024;
		unit++;
	}
	if (unit < 0)
		snprintf(out, AMOUNT_BYTES, "%" PRId64 " B", octets);
	else
		snprintf(out, AMOUNT_BYTES,
		    amount < 9.95 ? "%.1f %ciB" : "%.0f %ciB", amount,
		    units[unit]);
	return out;
}

const char *
amount_time(char out[AMOUNT_BYTES], int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm tm = { 0 };

	if (!gmtime_r(&when, &tm) ||
	    strftime(out, AMOUNT_BYTES, "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
		return unknown(out);
	return out;
}
